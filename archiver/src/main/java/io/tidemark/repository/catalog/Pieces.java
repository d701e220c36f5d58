package io.tidemark.repository.catalog;

import io.tidemark.repository.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The segments and runs of one epoch, by the offset behind which they begin and then by the one they end at. */
final class Pieces {
    private final TreeMap<Long, TreeMap<Long, Archived>> pieces = new TreeMap<>();

    void add(Archived archived) {
        pieces.computeIfAbsent(archived.stretch().after(), after -> new TreeMap<>())
                .put(archived.stretch().through(), archived);
    }

    /** Takes a piece out; empty if there is none. */
    Optional<Archived> remove(CatalogEntry.Range range) {
        TreeMap<Long, Archived> beginning = pieces.get(range.after());
        if (beginning == null) {
            return Optional.empty();
        }
        Archived removed = beginning.remove(range.through());
        if (beginning.isEmpty()) {
            pieces.remove(range.after());
        }
        return Optional.ofNullable(removed);
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    boolean holds(CatalogEntry.Range range) {
        return pieces.getOrDefault(range.after(), new TreeMap<>()).containsKey(range.through());
    }

    /** From the first on without a hole; where several begin at one place, the longest. */
    List<Archived> contiguous() {
        List<Archived> result = new ArrayList<>();
        Map.Entry<Long, TreeMap<Long, Archived>> next = pieces.firstEntry();
        while (next != null) {
            Archived longest = next.getValue().lastEntry().getValue();
            result.add(longest);
            long through = longest.stretch().through();
            next = pieces.containsKey(through) ? pieces.ceilingEntry(through) : null;
        }
        return result;
    }

    /** All of them, those that longer ones replace included. */
    List<Archived> all() {
        return pieces.values().stream().flatMap(p -> p.values().stream()).toList();
    }

    void replaceObjects(UnaryOperator<ObjectRef> replace) {
        pieces.values()
                .forEach(beginning -> beginning.replaceAll((through, archived) -> new Archived(
                        archived.stretch(),
                        archived.object().map(replace),
                        archived.isRun(),
                        archived.archivedAtMicros())));
    }

    Pieces copy() {
        Pieces copy = new Pieces();
        pieces.forEach((after, beginning) -> copy.pieces.put(after, new TreeMap<>(beginning)));
        return copy;
    }
}

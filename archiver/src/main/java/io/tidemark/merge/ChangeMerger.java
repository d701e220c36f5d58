package io.tidemark.merge;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Merges sections of one collection into the rows that were there at a position: for each key the changes up to the
 * position are folded in order. Memory is one block per input, whatever the inputs' size.
 */
public final class ChangeMerger {
    private final RowSchema target;
    private final List<MergeInput> inputs;
    private final long through;
    private final Place truncatedAt;
    private final Map<RowSchema, RowProjection> projections = new HashMap<>();

    /**
     * @param target the schema the rows shall have
     * @param inputs sections of the collection, in any order
     * @param through changes behind this offset are ignored
     */
    public ChangeMerger(RowSchema target, List<MergeInput> inputs, long through) {
        this.target = target;
        this.through = through;
        truncatedAt = inputs.stream()
                .flatMap(input -> input.truncations().stream())
                .filter(place -> place.offset() <= through)
                .max(Place::compareTo)
                .orElse(Place.START);
        this.inputs = inputs.stream()
                .filter(input -> input.through() >= truncatedAt.offset())
                .toList();
    }

    /** Merges and hands over the rows in key order. */
    public void merge(MergedRows rows) throws IOException {
        try (CursorHeap heap = new CursorHeap();
                MovedRows moved = movedRows()) {
            for (MergeInput input : inputs) {
                heap.add(open(input));
            }
            mergeBelow(Optional.empty(), heap, moved, rows);
        }
    }

    /**
     * Merges range by range of a base, which is one of the inputs if there is one. Ranges that no change falls into are offered unread.
     *
     * @param from where to go on after an interruption: keys before this one are done
     */
    public void mergeRanges(Optional<MergeInput> base, Optional<byte[]> from, MergedRanges rows) throws IOException {
        List<MergeInput> changes = new ArrayList<>(inputs);
        // A base that was emptied since is not among the inputs any more.
        List<MergeInput.KeyRange> ranges =
                base.filter(changes::remove).map(MergeInput::ranges).orElse(List.of());
        int count = ranges.size();
        try (CursorHeap heap = new CursorHeap();
                MovedRows moved = movedRows()) {
            for (MergeInput input : changes) {
                add(input, from, heap);
            }
            if (count == 0) {
                mergeBelow(Optional.empty(), heap, moved, rows);
            }
            for (int i = 0; i < count; i++) {
                Optional<byte[]> end =
                        i + 1 < count ? Optional.of(ranges.get(i + 1).firstKey()) : Optional.empty();
                if (isDone(end, from)) {
                    continue;
                }
                boolean begun = from.isPresent() && isBefore(ranges.get(i).firstKey(), from.get());
                if (begun || hasChangeBelow(end, heap) || !rows.unchanged(i, end)) {
                    try (InputCursor part = open(base.orElseThrow().range(i))) {
                        addRange(part, from, begun, heap);
                        mergeBelow(end, heap, moved, rows);
                    }
                    rows.endOfRange();
                }
            }
        }
    }

    private void add(MergeInput input, Optional<byte[]> from, CursorHeap heap) {
        if (from.isPresent()) {
            heap.addFrom(from.get(), open(input));
        } else {
            heap.add(open(input));
        }
    }

    private static void addRange(InputCursor part, Optional<byte[]> from, boolean begun, CursorHeap heap) {
        if (begun ? part.seekTo(from.orElseThrow()) : part.next()) {
            heap.addPositioned(part);
        }
    }

    private static boolean isDone(Optional<byte[]> end, Optional<byte[]> from) {
        return end.isPresent() && from.isPresent() && !isBefore(from.get(), end.get());
    }

    private static boolean isBefore(byte[] key, byte[] other) {
        return Arrays.compareUnsigned(key, other) < 0;
    }

    private boolean hasChangeBelow(Optional<byte[]> end, CursorHeap heap) {
        while (!heap.isEmpty() && !isEffective(heap.least())) {
            heap.advance();
        }
        return !heap.isEmpty() && isBelow(end, heap.least().cursor());
    }

    private static boolean isBelow(Optional<byte[]> end, SectionCursor cursor) {
        return end.isEmpty() || cursor.compareKey(end.get(), 0, end.get().length) < 0;
    }

    private void mergeBelow(Optional<byte[]> end, CursorHeap heap, MovedRows moved, MergedRows rows)
            throws IOException {
        RowFold fold = new RowFold(target);
        ByteSink key = new ByteSink(64);
        while (!heap.isEmpty() && isBelow(end, heap.least().cursor())) {
            SectionCursor least = heap.least().cursor();
            key.clear();
            key.write(least.array(), least.keyStart(), least.keyLength());
            fold.reset();
            while (!heap.isEmpty() && heap.least().cursor().compareKey(key.array(), 0, key.length()) == 0) {
                InputCursor change = heap.least();
                if (isEffective(change)) {
                    fold.apply(change.cursor(), change.projection());
                }
                heap.advance();
            }
            if (fold.count() < 0) {
                throw TidemarkException.corrupt(
                        "more rows of " + target.collection() + " were deleted than there were");
            }
            if (fold.count() > 0) {
                fold.complete(moved);
                rows.accept(key, fold.row(), fold.offset(), fold.index(), fold.count());
            }
        }
    }

    private boolean isEffective(InputCursor input) {
        SectionCursor change = input.cursor();
        return change.offset() > input.after()
                && change.offset() <= through
                && Place.compare(change.offset(), change.index(), truncatedAt.offset(), truncatedAt.index()) > 0;
    }

    private MovedRows movedRows() {
        return new MovedRows(target, inputs, this::open, this::isEffective);
    }

    private InputCursor open(MergeInput input) {
        return new InputCursor(
                input, rows -> projections.computeIfAbsent(rows, schema -> new RowProjection(schema, target)));
    }
}

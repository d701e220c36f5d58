package io.tidemark.repository.catalog;

import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the catalog knows of one source: per epoch the stretches in order, and the snapshots and schemas by position.
 * Built by {@link Catalog}; read-only for everybody else, and not changed while it is read.
 */
public final class SourceHistory {
    /**
     * A stretch of the log that is in the repository.
     *
     * @param object the segment; empty if the stretch held no changes
     * @param archivedAtMicros when it was committed, by the writer's clock
     */
    public record Archived(Stretch stretch, Optional<ObjectRef> object, long archivedAtMicros) {}

    private final String source;
    private String engine = "";
    private boolean removed;
    private final TreeMap<Integer, TreeMap<Long, Archived>> epochs = new TreeMap<>();
    private final TreeMap<Integer, String> reasons = new TreeMap<>();
    private final TreeMap<Position, CatalogEntry.SnapshotAdded> snapshots = new TreeMap<>();
    private final TreeMap<Position, ObjectRef> schemas = new TreeMap<>();

    SourceHistory(String source) {
        this.source = source;
    }

    void apply(CatalogEntry entry, long committedAtMicros) {
        if (entry instanceof CatalogEntry.SourceAdded added) {
            engine = added.engine();
            removed = false;
        } else if (entry instanceof CatalogEntry.SourceRemoved) {
            removed = true;
        } else if (entry instanceof CatalogEntry.EpochBegun begun) {
            reasons.put(begun.epoch(), begun.reason());
        } else if (entry instanceof CatalogEntry.SegmentAdded added) {
            add(new Archived(added.stretch(), Optional.of(added.object()), committedAtMicros));
        } else if (entry instanceof CatalogEntry.HorizonMoved moved) {
            add(new Archived(moved.stretch(), Optional.empty(), committedAtMicros));
        } else if (entry instanceof CatalogEntry.SchemaAdded added) {
            schemas.put(added.at(), added.object());
        } else if (entry instanceof CatalogEntry.SnapshotAdded added) {
            snapshots.put(added.end().at(), added);
        }
    }

    private void add(Archived archived) {
        epochs.computeIfAbsent(archived.stretch().epoch(), e -> new TreeMap<>())
                .put(archived.stretch().after(), archived);
    }

    SourceHistory copy() {
        SourceHistory copy = new SourceHistory(source);
        copy.engine = engine;
        copy.removed = removed;
        epochs.forEach((epoch, stretches) -> copy.epochs.put(epoch, new TreeMap<>(stretches)));
        copy.reasons.putAll(reasons);
        copy.snapshots.putAll(snapshots);
        copy.schemas.putAll(schemas);
        return copy;
    }

    public String source() {
        return source;
    }

    public String engine() {
        return engine;
    }

    public boolean isRemoved() {
        return removed;
    }

    /** Why an epoch was begun; empty text if that is not archived. */
    public String reason(int epoch) {
        return reasons.getOrDefault(epoch, "");
    }

    /** The epochs of which anything is archived, ascending. */
    public List<Integer> epochs() {
        return List.copyOf(epochs.keySet());
    }

    /** The stretches of an epoch that follow each other without a hole, from its first on. */
    public List<Archived> contiguous(int epoch) {
        List<Archived> result = new ArrayList<>();
        for (Archived archived : epochs.getOrDefault(epoch, new TreeMap<>()).values()) {
            if (!result.isEmpty()
                    && result.get(result.size() - 1).stretch().through()
                            != archived.stretch().after()) {
                break;
            }
            result.add(archived);
        }
        return result;
    }

    /** Whether exactly this stretch is archived. */
    public boolean holds(Stretch stretch) {
        Archived archived =
                epochs.getOrDefault(stretch.epoch(), new TreeMap<>()).get(stretch.after());
        return archived != null && archived.stretch().through() == stretch.through();
    }

    /** All snapshots, oldest first. */
    public List<CatalogEntry.SnapshotAdded> snapshots() {
        return List.copyOf(snapshots.values());
    }

    /** The newest snapshot of the position's epoch that is not after it. */
    public Optional<CatalogEntry.SnapshotAdded> snapshotAtOrBefore(Position position) {
        return Optional.ofNullable(snapshots.floorEntry(position))
                .map(java.util.Map.Entry::getValue)
                .filter(s -> s.end().at().epoch() == position.epoch());
    }

    /** The newest schema of the position's epoch that is not after it. */
    public Optional<ObjectRef> schemaAt(Position position) {
        return Optional.ofNullable(schemas.floorEntry(position))
                .filter(e -> e.getKey().epoch() == position.epoch())
                .map(java.util.Map.Entry::getValue);
    }

    /** All schemas, oldest first. */
    public List<ObjectRef> schemas() {
        return List.copyOf(schemas.values());
    }

    /** The last transaction that is completely archived; empty before an initial copy is. */
    public Optional<TransactionEnd> lastEnd() {
        for (int epoch : epochs.descendingKeySet()) {
            Optional<TransactionEnd> end = lastEnd(epoch);
            if (end.isPresent()) {
                return end;
            }
        }
        return Optional.empty();
    }

    /** The last transaction of an epoch that is completely archived; empty if its initial copy is not. */
    public Optional<TransactionEnd> lastEnd(int epoch) {
        Optional<TransactionEnd> end = Optional.empty();
        boolean restorable = false;
        for (Archived archived : contiguous(epoch)) {
            restorable |= archived.stretch().copyEnd().isPresent();
            if (archived.stretch().lastEnd().isPresent()) {
                end = archived.stretch().lastEnd();
            }
        }
        return restorable ? end : Optional.empty();
    }

    /** Where the change log is archived up to without a hole, in the newest epoch. */
    public Optional<Position> horizon() {
        if (epochs.isEmpty()) {
            return Optional.empty();
        }
        List<Archived> archived = contiguous(epochs.lastKey());
        return Optional.of(archived.get(archived.size() - 1).stretch().end());
    }

    /** Size in bytes of all segments as stored. */
    public long segmentBytes() {
        return epochs.values().stream()
                .flatMap(e -> e.values().stream())
                .flatMap(a -> a.object().stream())
                .mapToLong(ObjectRef::bytes)
                .sum();
    }
}

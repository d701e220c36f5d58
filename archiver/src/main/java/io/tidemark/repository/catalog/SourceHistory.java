package io.tidemark.repository.catalog;

import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.store.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What the catalog knows of one source: per epoch the stretches in order, and the snapshots and schemas by position.
 * Built by {@link Catalog}; read-only for everybody else, and not changed while it is read.
 */
public final class SourceHistory {
    private final String source;
    private String engine = "";
    private boolean removed;
    private Optional<TransactionEnd> proven = Optional.empty();
    private final TreeMap<Integer, Pieces> epochs = new TreeMap<>();
    private final TreeMap<Integer, String> reasons = new TreeMap<>();
    private final TreeMap<Integer, CatalogEntry.Floor> floors = new TreeMap<>();
    private final TreeMap<Position, CatalogEntry.SnapshotAdded> snapshots = new TreeMap<>();
    private final TreeMap<Position, ArchivedSnapshot> archive = new TreeMap<>();
    private final TreeMap<Position, ObjectRef> schemas = new TreeMap<>();
    private final Map<ObjectName, RetiredObject> retired = new LinkedHashMap<>();

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
            add(new Archived(added.stretch(), Optional.of(added.object()), false, committedAtMicros));
        } else if (entry instanceof CatalogEntry.HorizonMoved moved) {
            add(new Archived(moved.stretch(), Optional.empty(), false, committedAtMicros));
        } else if (entry instanceof CatalogEntry.RunAdded run) {
            add(new Archived(run.stretch(), run.object(), true, committedAtMicros));
        } else if (entry instanceof CatalogEntry.SchemaAdded added) {
            schemas.put(added.at(), added.object());
        } else if (entry instanceof CatalogEntry.SnapshotAdded added) {
            snapshots.put(added.end().at(), added);
        } else if (entry instanceof CatalogEntry.SourceProven comparison) {
            proven = Optional.of(comparison.end());
        } else if (entry instanceof CatalogEntry.SnapshotsArchived moved) {
            moved.snapshots().stream()
                    .filter(snapshots::containsKey)
                    .forEach(at -> archive.put(at, new ArchivedSnapshot(at, moved.place(), committedAtMicros)));
        } else if (entry instanceof CatalogEntry.Resealed resealed) {
            replace(resealed.objects(), committedAtMicros);
        } else if (entry instanceof CatalogEntry.Retired marks) {
            retire(marks, committedAtMicros);
        } else if (entry instanceof CatalogEntry.Swept swept) {
            swept.objects().forEach(retired::remove);
        }
    }

    private void add(Archived archived) {
        epochs.computeIfAbsent(archived.stretch().epoch(), e -> new Pieces()).add(archived);
    }

    private void replace(List<CatalogEntry.Replacement> replacements, long atMicros) {
        Map<ObjectName, CatalogEntry.Replacement> byFormer = new HashMap<>();
        replacements.forEach(replacement -> byFormer.put(replacement.former(), replacement));
        UnaryOperator<ObjectRef> replace = ref -> {
            CatalogEntry.Replacement replacement = byFormer.get(ref.name());
            if (replacement == null) {
                return ref;
            }
            retire(new RetiredObject(ref, false, false, atMicros));
            return replacement.object();
        };
        schemas.replaceAll((at, ref) -> replace.apply(ref));
        epochs.values().forEach(pieces -> pieces.replaceObjects(replace));
        snapshots.replaceAll((at, snapshot) -> {
            CatalogEntry.Replacement replacement =
                    byFormer.get(snapshot.manifest().name());
            if (replacement == null) {
                return snapshot;
            }
            retire(snapshot, atMicros);
            return snapshot.with(replacement.object());
        });
    }

    private void retire(CatalogEntry.Retired marks, long atMicros) {
        marks.floor().ifPresent(floor -> floors.put(marks.epoch(), floor));
        for (CatalogEntry.Range range : marks.pieces()) {
            pieces(marks.epoch())
                    .remove(range)
                    .flatMap(Archived::object)
                    .ifPresent(object -> retire(new RetiredObject(object, false, false, atMicros)));
        }
        for (long offset : marks.schemas()) {
            Optional.ofNullable(schemas.remove(new Position(marks.epoch(), offset)))
                    .ifPresent(object -> retire(new RetiredObject(object, false, false, atMicros)));
        }
        for (long offset : marks.snapshots()) {
            Optional.ofNullable(snapshots.remove(new Position(marks.epoch(), offset)))
                    .ifPresent(snapshot -> retire(snapshot, atMicros));
        }
    }

    private void retire(CatalogEntry.SnapshotAdded snapshot, long atMicros) {
        boolean inArchive = archive.remove(snapshot.end().at()) != null;
        retire(new RetiredObject(snapshot.manifest(), true, inArchive, atMicros));
    }

    private void retire(RetiredObject object) {
        retired.put(object.object().name(), object);
    }

    SourceHistory copy() {
        SourceHistory copy = new SourceHistory(source);
        copy.engine = engine;
        copy.removed = removed;
        copy.proven = proven;
        epochs.forEach((epoch, pieces) -> copy.epochs.put(epoch, pieces.copy()));
        copy.reasons.putAll(reasons);
        copy.floors.putAll(floors);
        copy.snapshots.putAll(snapshots);
        copy.archive.putAll(archive);
        copy.schemas.putAll(schemas);
        copy.retired.putAll(retired);
        return copy;
    }

    Checkpoint.SourceState state() {
        List<Archived> pieces =
                epochs.values().stream().flatMap(p -> p.all().stream()).toList();
        List<CatalogEntry.SchemaAdded> added = schemas.entrySet().stream()
                .map(schema -> new CatalogEntry.SchemaAdded(source, schema.getKey(), schema.getValue()))
                .toList();
        return new Checkpoint.SourceState(
                source,
                engine,
                removed,
                proven,
                reasons,
                floors,
                pieces,
                snapshots(),
                List.copyOf(archive.values()),
                added,
                retired());
    }

    static SourceHistory of(Checkpoint.SourceState state) {
        SourceHistory history = new SourceHistory(state.source());
        history.engine = state.engine();
        history.removed = state.removed();
        history.proven = state.proven();
        history.reasons.putAll(state.reasons());
        history.floors.putAll(state.floors());
        state.pieces().forEach(history::add);
        state.snapshots()
                .forEach(snapshot -> history.snapshots.put(snapshot.end().at(), snapshot));
        state.archived().forEach(snapshot -> history.archive.put(snapshot.at(), snapshot));
        state.schemas().forEach(schema -> history.schemas.put(schema.at(), schema.object()));
        state.retired().forEach(object -> history.retired.put(object.object().name(), object));
        // An epoch of which nothing is left still has its number.
        state.floors().keySet().forEach(epoch -> history.epochs.computeIfAbsent(epoch, e -> new Pieces()));
        return history;
    }

    private Pieces pieces(int epoch) {
        return epochs.getOrDefault(epoch, new Pieces());
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

    /** The last transaction at whose end the live source was read and found equal to the repository. */
    public Optional<TransactionEnd> proven() {
        return proven;
    }

    /** Why an epoch was begun; empty text if that is not archived. */
    public String reason(int epoch) {
        return reasons.getOrDefault(epoch, "");
    }

    /** The epochs of which anything was ever archived, ascending. */
    public List<Integer> epochs() {
        return List.copyOf(epochs.keySet());
    }

    /** Where what stays restorable of an epoch begins; empty if nothing of it was retired. */
    public Optional<CatalogEntry.Floor> floor(int epoch) {
        return Optional.ofNullable(floors.get(epoch));
    }

    /** The snapshot that what stays restorable of an epoch begins with; empty if that is the initial copy. */
    public Optional<CatalogEntry.SnapshotAdded> floorSnapshot(int epoch) {
        return floor(epoch).flatMap(floor -> snapshot(new Position(epoch, floor.offset())));
    }

    /** What is archived of an epoch, from its beginning or floor on without a hole; runs stand for what they replace. */
    public List<Archived> contiguous(int epoch) {
        return pieces(epoch).contiguous();
    }

    /** Every segment and run of an epoch, those that runs replace included. */
    public List<Archived> archived(int epoch) {
        return pieces(epoch).all();
    }

    /** Whether exactly this stretch is archived, or was and is part of a run, or was retired. */
    public boolean holds(Stretch stretch) {
        return pieces(stretch.epoch()).holds(new CatalogEntry.Range(stretch.after(), stretch.through()))
                || contiguous(stretch.epoch()).stream()
                        .anyMatch(a -> a.stretch().after() <= stretch.after()
                                && a.stretch().through() >= stretch.through())
                || floor(stretch.epoch()).stream().anyMatch(floor -> floor.offset() >= stretch.through());
    }

    /** All snapshots, oldest first. */
    public List<CatalogEntry.SnapshotAdded> snapshots() {
        return List.copyOf(snapshots.values());
    }

    /** Whether and since when the objects of a snapshot are in the archive. */
    public Optional<ArchivedSnapshot> inArchive(Position at) {
        return Optional.ofNullable(archive.get(at));
    }

    /** The snapshot of exactly this position. */
    public Optional<CatalogEntry.SnapshotAdded> snapshot(Position position) {
        return Optional.ofNullable(snapshots.get(position));
    }

    /** The newest snapshot of the position's epoch that is not after it. */
    public Optional<CatalogEntry.SnapshotAdded> snapshotAtOrBefore(Position position) {
        return Optional.ofNullable(snapshots.floorEntry(position))
                .map(Map.Entry::getValue)
                .filter(s -> s.end().at().epoch() == position.epoch());
    }

    /** The newest schema of the position's epoch that is not after it. */
    public Optional<ObjectRef> schemaAt(Position position) {
        return Optional.ofNullable(schemas.floorEntry(position))
                .filter(e -> e.getKey().epoch() == position.epoch())
                .map(Map.Entry::getValue);
    }

    /** All schemas by the position from which on they are in force, ascending. */
    public Map<Position, ObjectRef> schemas() {
        return new TreeMap<>(schemas);
    }

    /** Every object that the catalog itself names and keeps; manifests stand for their parts. */
    public Stream<ObjectRef> objects() {
        return Stream.of(
                        schemas.values().stream(),
                        epochs.values().stream()
                                .flatMap(pieces -> pieces.all().stream())
                                .flatMap(archived -> archived.object().stream()),
                        snapshots.values().stream().map(CatalogEntry.SnapshotAdded::manifest))
                .flatMap(objects -> objects);
    }

    /** What was retired and not swept yet. */
    public List<RetiredObject> retired() {
        return List.copyOf(retired.values());
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
        Optional<TransactionEnd> end = floorSnapshot(epoch).map(CatalogEntry.SnapshotAdded::end);
        boolean restorable = end.isPresent();
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
        return newest().map(archived -> archived.stretch().end());
    }

    /** The shortest piece at the horizon. */
    public Optional<Archived> newest() {
        if (epochs.isEmpty()) {
            return Optional.empty();
        }
        List<Archived> walk = contiguous(epochs.lastKey());
        long through = walk.get(walk.size() - 1).stretch().through();
        return archived(epochs.lastKey()).stream()
                .filter(archived -> archived.stretch().through() == through)
                .reduce((longer, shorter) -> shorter);
    }

    /** Size in bytes as stored of all segments and runs that are read. */
    public long segmentBytes() {
        List<ObjectRef> objects = new ArrayList<>();
        epochs.values()
                .forEach(pieces -> pieces.contiguous().forEach(a -> a.object().ifPresent(objects::add)));
        return objects.stream().mapToLong(ObjectRef::bytes).sum();
    }
}

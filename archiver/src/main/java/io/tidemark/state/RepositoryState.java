package io.tidemark.state;

import io.tidemark.merge.FanIn;
import io.tidemark.merge.MergeInput;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.Position;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.Footer;
import io.tidemark.repository.section.SectionCursor;
import io.tidemark.repository.section.SectionFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The objects that make up a source's state at the end of a transaction. Nothing but the catalog is read before
 * {@link #collections()} is called. Immutable.
 */
public final class RepositoryState {
    private final Repository repository;
    private final SourceHistory history;
    private final TransactionEnd end;
    private final Optional<CatalogEntry.SnapshotAdded> snapshot;
    private final List<ObjectRef> pieces;

    private RepositoryState(
            Repository repository,
            SourceHistory history,
            TransactionEnd end,
            Optional<CatalogEntry.SnapshotAdded> snapshot,
            List<ObjectRef> pieces) {
        this.repository = repository;
        this.history = history;
        this.end = end;
        this.snapshot = snapshot;
        this.pieces = pieces;
    }

    /**
     * One collection's state, still in pieces.
     *
     * @param rows what its rows look like at this state
     * @param base its parts in the snapshot, if it has any
     * @param changes since, whatever the collection was called then
     * @param bytes as they are stored
     */
    public record CollectionState(RowSchema rows, Optional<MergeInput> base, List<MergeInput> changes, long bytes) {
        public CollectionState {
            changes = List.copyOf(changes);
        }

        /** The inputs of a merge, few enough to be read at once. */
        public FanIn inputs(Path spoolDirectory) {
            return FanIn.reduce(base, changes, spoolDirectory);
        }

        public CollectionName name() {
            return rows.collection();
        }
    }

    /** Chooses the snapshot, and the segments and runs behind it, for the end of a transaction, which must be archived. */
    public static RepositoryState at(Repository repository, SourceHistory history, TransactionEnd end) {
        Position position = end.at();
        Optional<CatalogEntry.SnapshotAdded> snapshot = history.snapshotAtOrBefore(position);
        long from = snapshot.map(s -> s.end().at().offset()).orElse(-1L);
        List<ObjectRef> pieces = history.contiguous(position.epoch()).stream()
                .filter(archived -> archived.stretch().through() > from
                        && archived.stretch().after() < position.offset())
                .flatMap(archived -> archived.object().stream())
                .toList();
        return new RepositoryState(repository, history, end, snapshot, pieces);
    }

    public TransactionEnd end() {
        return end;
    }

    public Optional<CatalogEntry.SnapshotAdded> snapshot() {
        return snapshot;
    }

    /** The segments and runs, oldest first. */
    public List<ObjectRef> pieces() {
        return pieces;
    }

    /** The schema of the source at this state. */
    public SourceSchema schema() {
        ObjectRef ref = schemaObject();
        return Json.read(repository.read(ref), SourceSchema.class, "object " + ref.name());
    }

    private ObjectRef schemaObject() {
        return history.schemaAt(end.at())
                .orElseThrow(() -> TidemarkException.corrupt(
                        "the catalog knows no schema of " + history.source() + " at " + end.at()));
    }

    /** Every object that a restore of this state reads, the manifest's parts included. */
    public List<ObjectRef> objects() {
        List<ObjectRef> objects = new ArrayList<>(pieces);
        objects.add(schemaObject());
        snapshot.ifPresent(s -> {
            objects.add(s.manifest());
            manifest(s).objects().forEach(objects::add);
        });
        return objects;
    }

    /** The parts of the snapshot; empty if there is none. */
    public List<SnapshotManifest.CollectionParts> parts() {
        return snapshot.map(s -> manifest(s).collections()).orElse(List.of());
    }

    private SnapshotManifest manifest(CatalogEntry.SnapshotAdded entry) {
        return SnapshotManifest.read(repository, entry.manifest());
    }

    /** The collections that the schema holds, and those that Tidemark itself keeps. */
    public List<CollectionState> collections() {
        Map<String, MergeInput> bases = new HashMap<>();
        Map<String, Long> bytes = new HashMap<>();
        snapshot.ifPresent(s -> {
            for (SnapshotManifest.CollectionParts collection : manifest(s).collections()) {
                if (!collection.parts().isEmpty()) {
                    bytes.put(collection.id(), collection.bytes());
                    bases.put(collection.id(), base(collection, s.end().at().offset()));
                }
            }
        });
        long after = snapshot.map(s -> s.end().at().offset()).orElse(-1L);
        Map<String, List<MergeInput>> changes = new HashMap<>();
        for (ObjectRef piece : pieces) {
            SectionFile file = SectionFile.open(repository, piece);
            for (Footer.Section section : file.footer().sections()) {
                bytes.merge(section.id(), section.region().length(), Long::sum);
                changes.computeIfAbsent(section.id(), c -> new ArrayList<>()).add(MergeInput.of(file, section, after));
            }
        }
        List<CollectionState> collections = new ArrayList<>();
        for (RowSchema rows : schema().collections()) {
            collections.add(state(rows, bases, changes, bytes));
        }
        sequences(bases, changes).ifPresent(rows -> collections.add(state(rows, bases, changes, bytes)));
        return collections;
    }

    private static CollectionState state(
            RowSchema rows,
            Map<String, MergeInput> bases,
            Map<String, List<MergeInput>> changes,
            Map<String, Long> bytes) {
        return new CollectionState(
                rows,
                Optional.ofNullable(bases.get(rows.id())),
                changes.getOrDefault(rows.id(), List.of()),
                bytes.getOrDefault(rows.id(), 0L));
    }

    /** The schema of the source does not name them; their shape is that of what is stored. */
    private static Optional<RowSchema> sequences(Map<String, MergeInput> bases, Map<String, List<MergeInput>> changes) {
        String id = CollectionName.SEQUENCES.toString();
        return Stream.concat(Stream.ofNullable(bases.get(id)), changes.getOrDefault(id, List.of()).stream())
                .findFirst()
                .map(MergeInput::rows);
    }

    private MergeInput base(SnapshotManifest.CollectionParts collection, long through) {
        List<MergeInput.KeyRange> ranges = collection.parts().stream()
                .<MergeInput.KeyRange>map(part -> new PartRange(repository, part))
                .toList();
        return new MergeInput(ranges, -1, through, List.of());
    }

    /** A part, opened when a merge comes to it. */
    private record PartRange(Repository repository, SnapshotManifest.Part part) implements MergeInput.KeyRange {
        @Override
        public byte[] firstKey() {
            return part.firstKey();
        }

        @Override
        public SectionCursor open() {
            SectionFile file = SectionFile.open(repository, part.object());
            return file.cursor(file.footer().sections().get(0));
        }
    }
}

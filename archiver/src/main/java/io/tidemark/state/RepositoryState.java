package io.tidemark.state;

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
import io.tidemark.repository.section.SectionFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The objects that make up a source's state at the end of a transaction. Nothing but the catalog is read before
 * {@link #collections()} is called. Immutable.
 */
public final class RepositoryState {
    private final Repository repository;
    private final SourceHistory history;
    private final TransactionEnd end;
    private final Optional<CatalogEntry.SnapshotAdded> snapshot;
    private final List<ObjectRef> segments;

    private RepositoryState(
            Repository repository,
            SourceHistory history,
            TransactionEnd end,
            Optional<CatalogEntry.SnapshotAdded> snapshot,
            List<ObjectRef> segments) {
        this.repository = repository;
        this.history = history;
        this.end = end;
        this.snapshot = snapshot;
        this.segments = segments;
    }

    /**
     * One collection's state, still in pieces.
     *
     * @param rows what its rows look like at this state
     * @param inputs what to merge, whatever the collection was called then
     */
    public record CollectionState(RowSchema rows, List<MergeInput> inputs) {
        public CollectionName name() {
            return rows.collection();
        }
    }

    /** Chooses the snapshot and the segments for the end of a transaction, which must be archived. */
    public static RepositoryState at(Repository repository, SourceHistory history, TransactionEnd end) {
        Position position = end.at();
        Optional<CatalogEntry.SnapshotAdded> snapshot = history.snapshotAtOrBefore(position);
        long from = snapshot.map(s -> s.end().at().offset()).orElse(-1L);
        List<ObjectRef> segments = history.contiguous(position.epoch()).stream()
                .filter(archived -> archived.stretch().through() > from
                        && archived.stretch().after() < position.offset())
                .flatMap(archived -> archived.object().stream())
                .toList();
        return new RepositoryState(repository, history, end, snapshot, segments);
    }

    public TransactionEnd end() {
        return end;
    }

    public Optional<CatalogEntry.SnapshotAdded> snapshot() {
        return snapshot;
    }

    /** The segments, oldest first. */
    public List<ObjectRef> segments() {
        return segments;
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
        List<ObjectRef> objects = new ArrayList<>(segments);
        objects.add(schemaObject());
        snapshot.ifPresent(s -> {
            objects.add(s.manifest());
            manifest(s).collections().forEach(c -> objects.addAll(c.parts()));
        });
        return objects;
    }

    /** The parts of the snapshot; empty if there is none. */
    public List<SnapshotManifest.CollectionParts> parts() {
        return snapshot.map(s -> manifest(s).collections()).orElse(List.of());
    }

    private SnapshotManifest manifest(CatalogEntry.SnapshotAdded entry) {
        ObjectRef ref = entry.manifest();
        return Json.read(repository.read(ref), SnapshotManifest.class, "object " + ref.name());
    }

    /** The collections that the schema holds, and those that Tidemark itself keeps. */
    public List<CollectionState> collections() {
        Map<String, List<MergeInput>> inputs = new HashMap<>();
        for (SnapshotManifest.CollectionParts collection : parts()) {
            for (ObjectRef part : collection.parts()) {
                addSections(part, -1, inputs);
            }
        }
        long after = snapshot.map(s -> s.end().at().offset()).orElse(-1L);
        for (ObjectRef segment : segments) {
            addSections(segment, after, inputs);
        }
        List<CollectionState> collections = new ArrayList<>();
        for (RowSchema rows : schema().collections()) {
            collections.add(new CollectionState(rows, inputs.getOrDefault(rows.id(), List.of())));
        }
        List<MergeInput> sequences = inputs.getOrDefault(CollectionName.SEQUENCES.toString(), List.of());
        if (!sequences.isEmpty()) {
            collections.add(new CollectionState(sequences.get(0).rows(), sequences));
        }
        return collections;
    }

    private void addSections(ObjectRef ref, long after, Map<String, List<MergeInput>> inputs) {
        SectionFile file = SectionFile.open(ref.name().text(), () -> repository.open(ref));
        for (Footer.Section section : file.footer().sections()) {
            inputs.computeIfAbsent(section.id(), c -> new ArrayList<>()).add(new MergeInput(file, section, after));
        }
    }
}

package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry.Replacement;
import io.tidemark.repository.catalog.CatalogEntry.Resealed;
import io.tidemark.repository.catalog.CatalogEntry.SnapshotAdded;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.state.SnapshotManifest;
import io.tidemark.state.SnapshotManifest.CollectionParts;
import io.tidemark.state.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Writes everything that is kept again under the data key in use and retires what was there, object by object, so that it can
 * be interrupted and called again. Safe beside writers: what they seal with the former key meanwhile is found by a further
 * pass. Its memory is the names of the parts. Not thread-safe.
 */
public final class Reencryption {
    private static final int OBJECTS_PER_COMMIT = 64;

    /** Hears how far it is. */
    public interface Progress {
        void written(long objects, long bytes);
    }

    /** What was written again. */
    public record Result(long objects, long bytes) {}

    private final Repository repository;
    private final Catalog catalog;
    private final Path spoolDirectory;
    private final BooleanSupplier cancelled;
    private final Progress progress;
    private final Map<ObjectName, ObjectRef> parts = new HashMap<>();
    private long objects;
    private long bytes;

    /**
     * @param cancelled is asked between objects; a run that is cancelled ends with a failure of kind TRANSIENT
     */
    public Reencryption(
            Repository repository, Catalog catalog, Path spoolDirectory, BooleanSupplier cancelled, Progress progress) {
        this.repository = repository;
        this.catalog = catalog;
        this.spoolDirectory = spoolDirectory;
        this.cancelled = cancelled;
        this.progress = progress;
    }

    /** Writes again whatever is not sealed with the data key in use, or with one made under it. */
    public Result run() throws IOException {
        long before;
        do {
            before = objects;
            catalog.refresh();
            for (String source : catalog.sources()) {
                SourceHistory history = catalog.history(source);
                Set<ObjectName> manifests = history.snapshots().stream()
                        .map(snapshot -> snapshot.manifest().name())
                        .collect(Collectors.toSet());
                plain(
                        source,
                        history.objects()
                                .filter(ref -> !manifests.contains(ref.name()))
                                .toList());
                snapshots(source, history.snapshots());
            }
        } while (objects > before);
        return new Result(objects, bytes);
    }

    /** Segments, runs and schemas. */
    private void plain(String source, List<ObjectRef> refs) throws IOException {
        List<Replacement> written = new ArrayList<>();
        for (ObjectRef ref : refs) {
            if (!repository.isSealedAnew(ref.name())) {
                written.add(new Replacement(ref.name(), write(ref), false));
            }
            if (written.size() == OBJECTS_PER_COMMIT) {
                commit(source, written);
                written.clear();
            }
        }
        commit(source, written);
    }

    private void snapshots(String source, List<SnapshotAdded> snapshots) throws IOException {
        for (SnapshotAdded snapshot : snapshots) {
            SnapshotManifest manifest = SnapshotManifest.read(repository, snapshot.manifest());
            List<CollectionParts> collections = new ArrayList<>();
            for (CollectionParts collection : manifest.collections()) {
                List<Part> written = new ArrayList<>();
                for (Part part : collection.parts()) {
                    written.add(part.with(part(part.object())));
                }
                collections.add(new CollectionParts(collection.id(), collection.collection(), written));
            }
            SnapshotManifest resealed =
                    new SnapshotManifest(manifest.version(), manifest.source(), manifest.end(), collections);
            boolean same = resealed.objects().toList().equals(manifest.objects().toList())
                    && repository.isSealedAnew(snapshot.manifest().name());
            if (!same) {
                ObjectRef written = repository.put(
                        tag -> RepositoryLayout.withTag(snapshot.manifest().name(), tag), Json.bytes(resealed));
                count(written);
                commit(source, List.of(new Replacement(snapshot.manifest().name(), written, true)));
            }
        }
    }

    /** Snapshots share parts; each is written once. */
    private ObjectRef part(ObjectRef ref) throws IOException {
        ObjectRef known = parts.get(ref.name());
        if (known == null) {
            known = repository.isSealedAnew(ref.name()) ? ref : write(ref);
            parts.put(ref.name(), known);
        }
        return known;
    }

    private ObjectRef write(ObjectRef ref) throws IOException {
        if (cancelled.getAsBoolean()) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT,
                    "writing again under the new key was stopped; 'tidemark key reencrypt --resume' goes on");
        }
        try (Spool spool = Spool.create(spoolDirectory)) {
            repository.copy(ref, spool.out());
            ObjectRef written = repository.put(tag -> RepositoryLayout.withTag(ref.name(), tag), spool);
            count(written);
            return written;
        }
    }

    private void count(ObjectRef written) {
        objects++;
        bytes += written.bytes();
        progress.written(objects, bytes);
    }

    /** Leaves out what was retired, merged or written again by somebody else meanwhile. */
    private void commit(String source, List<Replacement> written) {
        List<Replacement> all = List.copyOf(written);
        catalog.commit(newest -> {
            Set<ObjectName> kept =
                    newest.history(source).objects().map(ObjectRef::name).collect(Collectors.toSet());
            List<Replacement> valid =
                    all.stream().filter(r -> kept.contains(r.former())).toList();
            return valid.isEmpty() ? List.of() : List.of(new Resealed(source, valid));
        });
    }
}

package io.tidemark.archiver;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.state.RepositoryState;
import io.tidemark.state.SnapshotManifest;
import io.tidemark.state.SnapshotManifest.CollectionParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Builds full snapshots by merging the one before with the segments since; the source is not read. Collections that did
 * not change share the parts of the snapshot before. Needs the repository only.
 */
public final class SnapshotBuilder {
    /** Hears how far a snapshot is. */
    public interface Progress {
        /** A collection is finished. */
        void collection(CollectionName collection, long rows, int done, int total);
    }

    private final Repository repository;
    private final Catalog catalog;
    private final Path spoolDirectory;

    public SnapshotBuilder(Repository repository, Catalog catalog, Path spoolDirectory) {
        this.repository = repository;
        this.catalog = catalog;
        this.spoolDirectory = spoolDirectory;
    }

    /**
     * Makes a snapshot at the last transaction that is completely archived, unless there is one.
     *
     * @return the snapshot there
     * @throws TidemarkException of kind NOT_FOUND if nothing is restorable yet
     */
    public CatalogEntry.SnapshotAdded build(String source, Progress progress) throws IOException {
        catalog.refresh();
        SourceHistory history = catalog.history(source);
        TransactionEnd end = history.lastEnd()
                .orElseThrow(() -> TidemarkException.notFound("the initial copy of " + source
                        + " is not complete yet; wait until 'tidemark status' says so"));
        RepositoryState state = RepositoryState.at(repository, history, end);
        if (state.snapshot().isPresent() && state.snapshot().get().end().equals(end)) {
            return state.snapshot().get();
        }
        SnapshotManifest manifest = merge(source, state, progress);
        byte[] json = Json.bytes(manifest);
        Sha256 hash = Sha256.of(json);
        ObjectRef object =
                repository.put(RepositoryLayout.manifest(source, end.at(), hash), ObjectContent.of(json), hash);
        long rows = manifest.collections().stream()
                .filter(c -> !c.collection().isSystem())
                .mapToLong(CollectionParts::rows)
                .sum();
        long bytes = manifest.collections().stream()
                .flatMap(c -> c.parts().stream())
                .mapToLong(ObjectRef::bytes)
                .sum();
        CatalogEntry.SnapshotAdded added = new CatalogEntry.SnapshotAdded(source, end, object, rows, bytes);
        catalog.commit(newest -> newest.history(source).snapshots().stream()
                        .anyMatch(s -> s.end().equals(end))
                ? List.of()
                : List.of(added));
        return added;
    }

    private SnapshotManifest merge(String source, RepositoryState state, Progress progress) throws IOException {
        Map<String, CollectionParts> previous =
                state.parts().stream().collect(Collectors.toMap(CollectionParts::id, Function.identity()));
        List<RepositoryState.CollectionState> collections = state.collections();
        List<CollectionParts> result = new ArrayList<>();
        for (RepositoryState.CollectionState collection : collections) {
            CollectionParts before = previous.get(collection.rows().id());
            CollectionParts parts = before != null
                            && before.parts().size() == collection.inputs().size()
                    ? new CollectionParts(before.id(), collection.name(), before.rows(), before.parts())
                    : write(source, state.end(), collection);
            result.add(parts);
            progress.collection(collection.name(), parts.rows(), result.size(), collections.size());
        }
        return new SnapshotManifest(SnapshotManifest.VERSION, source, state.end(), result);
    }

    private CollectionParts write(String source, TransactionEnd end, RepositoryState.CollectionState collection)
            throws IOException {
        try (FanIn fanIn = FanIn.reduce(collection.inputs(), spoolDirectory);
                PartWriter writer = new PartWriter(repository, spoolDirectory, source, end, collection.rows())) {
            new ChangeMerger(collection.rows(), fanIn.inputs(), end.at().offset()).merge(writer);
            List<ObjectRef> parts = writer.finish();
            return new CollectionParts(collection.rows().id(), collection.name(), writer.rows(), parts);
        }
    }
}

package io.tidemark.archiver;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.state.RepositoryState;
import io.tidemark.state.SnapshotManifest;
import io.tidemark.state.SnapshotManifest.CollectionParts;
import io.tidemark.state.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Builds full snapshots by merging the one before with the changes since; the source is not read. Parts in whose range
 * of keys nothing changed are shared with the snapshot before. A build that was interrupted goes on where it was.
 * Needs the repository only.
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
    private final BooleanSupplier cancelled;
    private final PartSizes sizes;

    /**
     * @param spoolDirectory for temporary files and for the progress of an interrupted build
     * @param cancelled is asked now and then; a build that is cancelled ends with a failure of kind TRANSIENT
     */
    public SnapshotBuilder(Repository repository, Catalog catalog, Path spoolDirectory, BooleanSupplier cancelled) {
        this(repository, catalog, spoolDirectory, cancelled, PartSizes.DEFAULT);
    }

    /** The same with parts of another size. */
    public SnapshotBuilder(
            Repository repository, Catalog catalog, Path spoolDirectory, BooleanSupplier cancelled, PartSizes sizes) {
        this.repository = repository;
        this.catalog = catalog;
        this.spoolDirectory = spoolDirectory;
        this.cancelled = cancelled;
        this.sizes = sizes;
    }

    /**
     * Makes a snapshot at the last transaction that is completely archived, unless there is one. An interrupted build is
     * finished first.
     *
     * @return the snapshot there
     * @throws TidemarkException of kind NOT_FOUND if nothing is restorable yet
     */
    public CatalogEntry.SnapshotAdded build(String source, Progress progress) throws IOException {
        catalog.refresh();
        SourceHistory history = catalog.history(source);
        TransactionEnd newest = history.lastEnd()
                .orElseThrow(() -> TidemarkException.notFound("the initial copy of " + source
                        + " is not complete yet; wait until 'tidemark status' says so"));
        Path file = BuildProgress.file(spoolDirectory, source);
        Optional<TransactionEnd> interrupted = BuildProgress.interrupted(file)
                .filter(target -> isPossible(history, target))
                .map(BuildProgress.Target::end);
        if (interrupted.isPresent() && !interrupted.get().equals(newest)) {
            build(history, interrupted.get(), file, progress);
            return build(source, progress);
        }
        return build(history, newest, file, progress);
    }

    private static boolean isPossible(SourceHistory history, BuildProgress.Target target) {
        Position at = target.end().at();
        return base(history, target.end()).equals(target.base())
                && history.snapshot(at).isEmpty()
                && history.contiguous(at.epoch()).stream()
                        .anyMatch(archived -> archived.stretch().contains(at));
    }

    private static Optional<ObjectName> base(SourceHistory history, TransactionEnd end) {
        return history.snapshotAtOrBefore(end.at()).map(s -> s.manifest().name());
    }

    private CatalogEntry.SnapshotAdded build(SourceHistory history, TransactionEnd end, Path file, Progress progress)
            throws IOException {
        RepositoryState state = RepositoryState.at(repository, history, end);
        if (state.snapshot().isPresent() && state.snapshot().get().end().equals(end)) {
            return state.snapshot().get();
        }
        BuildProgress build = begin(file, new BuildProgress.Target(end, base(history, end)));
        Build merged = merge(history.source(), state, build, progress);
        SnapshotManifest manifest = merged.manifest();
        ObjectRef object =
                repository.put(tag -> RepositoryLayout.manifest(history.source(), end.at(), tag), Json.bytes(manifest));
        CatalogEntry.SnapshotAdded added = new CatalogEntry.SnapshotAdded(
                history.source(),
                end,
                object,
                manifest.collections().stream()
                        .filter(c -> !c.collection().isSystem())
                        .mapToLong(CollectionParts::rows)
                        .sum(),
                manifest.objects().mapToLong(ObjectRef::bytes).sum(),
                merged.addedBytes() + object.bytes());
        boolean committed = catalog.commit(newest -> entries(newest.history(history.source()), build, added));
        build.done();
        if (!committed && catalog.history(history.source()).snapshot(end.at()).isEmpty()) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT,
                    "the snapshot at " + end.at()
                            + " shares parts of one that was pruned or written again meanwhile; it is built again");
        }
        return added;
    }

    /** Goes on with an interrupted build, unless 'prune' took its parts, which no commit names, after a long time. */
    private BuildProgress begin(Path file, BuildProgress.Target target) throws IOException {
        BuildProgress progress = BuildProgress.of(file, target, cancelled);
        boolean complete = progress.resumed().stream()
                .allMatch(part -> repository.stat(part.object().name()).isPresent());
        if (complete) {
            return progress;
        }
        progress.done();
        return BuildProgress.of(file, target, cancelled);
    }

    /** Nothing if there is such a snapshot by now, or if what it was built of is no longer in the catalog. */
    private static List<CatalogEntry> entries(
            SourceHistory newest, BuildProgress build, CatalogEntry.SnapshotAdded added) {
        boolean superfluous = newest.snapshot(added.end().at()).isPresent();
        boolean baseIsKept = build.target()
                .base()
                .map(base -> newest.snapshots().stream()
                        .anyMatch(s -> s.manifest().name().equals(base)))
                .orElse(true);
        return superfluous || !baseIsKept ? List.of() : List.of(added);
    }

    private record Build(SnapshotManifest manifest, long addedBytes) {}

    private Build merge(String source, RepositoryState state, BuildProgress build, Progress progress)
            throws IOException {
        Map<String, CollectionParts> previous =
                state.parts().stream().collect(Collectors.toMap(CollectionParts::id, Function.identity()));
        List<RepositoryState.CollectionState> collections = state.collections();
        List<CollectionParts> result = new ArrayList<>();
        long addedBytes = 0;
        for (RepositoryState.CollectionState collection : collections) {
            build.begin(collection.rows().id());
            build.check();
            CollectionParts before = previous.get(collection.rows().id());
            List<Part> parts = before == null ? List.of() : before.parts();
            if (!collection.changes().isEmpty()) {
                try (PartWriter writer = new PartWriter(
                        repository, spoolDirectory, source, state.end(), collection.rows(), parts, build, sizes)) {
                    merge(collection, state.end(), build, writer);
                    parts = writer.finish();
                    addedBytes += writer.addedBytes();
                }
            }
            CollectionParts done = new CollectionParts(collection.rows().id(), collection.name(), parts);
            result.add(done);
            progress.collection(collection.name(), done.rows(), result.size(), collections.size());
        }
        return new Build(new SnapshotManifest(SnapshotManifest.VERSION, source, state.end(), result), addedBytes);
    }

    private void merge(
            RepositoryState.CollectionState collection, TransactionEnd end, BuildProgress build, PartWriter writer)
            throws IOException {
        if (build.isComplete()) {
            return;
        }
        try (FanIn fanIn = collection.inputs(spoolDirectory)) {
            new ChangeMerger(collection.rows(), fanIn.inputs(), end.at().offset())
                    .mergeRanges(collection.base(), build.next(), writer);
        }
    }
}

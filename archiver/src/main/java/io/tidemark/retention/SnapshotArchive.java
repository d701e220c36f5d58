package io.tidemark.retention;

import io.tidemark.copy.ObjectCopy;
import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry.SnapshotAdded;
import io.tidemark.repository.catalog.CatalogEntry.SnapshotsArchived;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.state.SnapshotManifest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Moves snapshots to the archive: first all objects are copied and checked, then the catalog says so; what is here is
 * deleted later, as orphans are, but for the manifest. Interrupted, it goes on behind the objects that are there.
 */
final class SnapshotArchive {
    private final Repository repository;
    private final Catalog catalog;

    SnapshotArchive(Repository repository, Catalog catalog) {
        this.repository = repository;
        this.catalog = catalog;
    }

    /**
     * Moves a snapshot, if it is still there.
     *
     * @return whether it is in the archive now
     * @throws TidemarkException of kind USAGE if none is configured
     */
    boolean move(String source, Position at) {
        Optional<SnapshotAdded> snapshot = catalog.history(source).snapshot(at);
        if (snapshot.isEmpty()) {
            return false;
        }
        ObjectStore archive = repository
                .archive()
                .orElseThrow(() -> TidemarkException.usage(
                        "there is no archive to move snapshots to; name one with archive or --archive"));
        copy(snapshot.get(), archive);
        return catalog.commit(newest -> newest.history(source)
                        .snapshot(at)
                        .filter(snapshot.get()::equals)
                        .isPresent()
                ? List.of(new SnapshotsArchived(source, List.of(at), archive.location()))
                : List.of());
    }

    /** The manifest last: an archive that has it has the parts. */
    private void copy(SnapshotAdded snapshot, ObjectStore archive) {
        ObjectCopy copy = new ObjectCopy(repository, archive);
        try {
            ArchivePlace.claim(repository, archive);
            List<ObjectRef> parts = SnapshotManifest.read(repository, snapshot.manifest())
                    .objects()
                    .toList();
            for (ObjectRef part : parts) {
                copy.copy(part);
            }
            copy.copy(snapshot.manifest());
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot move the snapshot at " + snapshot.end().at() + " to the archive " + archive.location()
                            + ": " + e.getMessage() + "; the next 'prune' goes on",
                    e);
        }
    }
}

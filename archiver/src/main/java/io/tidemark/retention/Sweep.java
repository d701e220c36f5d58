package io.tidemark.retention;

import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.RetiredObject;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import io.tidemark.state.SnapshotManifest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over everything that may go. Its memory is the names of the objects that stay. Not thread-safe. */
public final class Sweep {
    /**
     * What a pass did.
     *
     * @param objects deleted of what was retired
     * @param orphans deleted of what no commit names, and of what is in the archive
     * @param freedBytes by both
     * @param locked objects that the store does not let go yet; they are tried again
     * @param waiting objects retired, within their grace
     */
    public record Swept(long objects, long orphans, long freedBytes, long locked, long waiting) {}

    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    private final Repository repository;
    private final Catalog catalog;
    private final Instant orphansBefore;
    private final long dueMicros;
    /** Where something restorable, or somebody who reads what was retired, needs it. */
    private final Set<ObjectName> needed = new HashSet<>();
    /** The part of it that the archive does not stand for. */
    private final Set<ObjectName> neededHere = new HashSet<>();

    private long objects;
    private long orphans;
    private long freedBytes;
    private long locked;
    private long waiting;

    Sweep(Repository repository, Catalog catalog, Instant now, Pruner.Patience patience) {
        this.repository = repository;
        this.catalog = catalog;
        orphansBefore = now.minus(patience.orphanAge());
        dueMicros = Micros.of(now.minus(patience.grace()));
    }

    Swept run() {
        Optional<ObjectStore> archive = repository.archive().filter(place -> ArchivePlace.isOf(repository, place));
        // Listed before the catalog is read: what is committed in between is seen then.
        Set<ObjectName> named = named();
        List<StoredObject> here = new ArrayList<>();
        repository.list("", "", found -> addIfOld(found, named, here));
        List<StoredObject> there = new ArrayList<>();
        if (archive.isPresent()) {
            repository.listArchive(found -> addIfOld(found, named, there));
        }
        catalog.refresh();
        for (String source : catalog.sources()) {
            need(catalog.history(source), archive.isPresent());
        }
        for (String source : catalog.sources()) {
            sweep(source, catalog.history(source).retired(), archive);
        }
        sweepOrphans(here, archive);
        archive.ifPresent(place -> sweepArchive(there, place));
        return new Swept(objects, orphans, freedBytes, locked, waiting);
    }

    private Set<ObjectName> named() {
        Set<ObjectName> named = new HashSet<>();
        for (String source : catalog.sources()) {
            SourceHistory history = catalog.history(source);
            history.objects().forEach(ref -> named.add(ref.name()));
            history.retired().forEach(retired -> named.add(retired.object().name()));
        }
        return named;
    }

    private void addIfOld(StoredObject found, Set<ObjectName> named, List<StoredObject> old) {
        if (RepositoryLayout.isData(found.name())
                && found.modifiedAt().isBefore(orphansBefore)
                && !named.contains(found.name())) {
            old.add(found);
        }
    }

    private void need(SourceHistory history, boolean archive) {
        history.objects().forEach(ref -> here(ref.name()));
        // One that cannot be read ends all sweeping, since nobody knows what it needs.
        for (CatalogEntry.SnapshotAdded snapshot : history.snapshots()) {
            SnapshotManifest manifest = SnapshotManifest.read(repository, snapshot.manifest());
            if (archive && isArchived(history, snapshot.end().at())) {
                manifest.objects().forEach(ref -> needed.add(ref.name()));
            } else {
                manifest.objects().forEach(ref -> here(ref.name()));
            }
        }
    }

    private boolean isArchived(SourceHistory history, Position snapshot) {
        return history.inArchive(snapshot)
                .filter(archived -> archived.archivedAtMicros() <= dueMicros)
                .isPresent();
    }

    private void here(ObjectName name) {
        needed.add(name);
        neededHere.add(name);
    }

    /** Of a retired snapshot; empty if it was swept already. */
    private Optional<SnapshotManifest> manifest(ObjectRef ref) {
        return repository.stat(ref.name()).map(there -> SnapshotManifest.read(repository, ref));
    }

    private void sweep(String source, List<RetiredObject> retired, Optional<ObjectStore> archive) {
        List<RetiredObject> due = new ArrayList<>();
        for (RetiredObject object : retired) {
            boolean outOfReach = object.inArchive() && archive.isEmpty();
            if (object.retiredAtMicros() <= dueMicros && !outOfReach) {
                due.add(object);
                continue;
            }
            if (outOfReach) {
                LOG.warn(
                        "{} was moved to an archive, which is not configured; it is not deleted there",
                        object.object().name());
            }
            waiting++;
            here(object.object().name());
            if (object.isManifest()) {
                manifest(object.object()).ifPresent(m -> m.objects().forEach(ref -> here(ref.name())));
            }
        }
        List<ObjectName> gone = new ArrayList<>();
        for (RetiredObject object : due) {
            if (delete(object)) {
                gone.add(object.object().name());
            }
        }
        if (!gone.isEmpty()) {
            catalog.commit(newest -> List.of(new CatalogEntry.Swept(source, gone)));
        }
    }

    /** The manifest goes last: as long as it is there, its parts can be found. */
    private boolean delete(RetiredObject object) {
        boolean all = true;
        if (object.isManifest()) {
            Optional<SnapshotManifest> manifest = manifest(object.object());
            if (manifest.isPresent()) {
                for (ObjectRef part : manifest.get().objects().toList()) {
                    all &= delete(part, object.inArchive());
                }
            }
        }
        return all && delete(object.object(), object.inArchive());
    }

    private boolean delete(ObjectRef object, boolean inArchive) {
        if (needed.contains(object.name())) {
            return true;
        }
        boolean gone = inArchive ? delete(repository.archive().orElseThrow(), object.name(), object.bytes()) : true;
        return delete(repository.store(), object.name(), object.bytes()) && gone;
    }

    private boolean delete(ObjectStore store, ObjectName name, long bytes) {
        Deletion deletion = deleteFrom(store, name);
        if (deletion == Deletion.LOCKED) {
            locked++;
        } else if (deletion == Deletion.DELETED) {
            objects++;
            freedBytes += bytes;
        }
        return deletion != Deletion.LOCKED;
    }

    /** What is retired and waits is needed by now; what was due is gone or locked. */
    private void sweepOrphans(List<StoredObject> unnamed, Optional<ObjectStore> archive) {
        for (StoredObject orphan : unnamed) {
            boolean may = !neededHere.contains(orphan.name())
                    && (!needed.contains(orphan.name()) || isIn(archive.orElseThrow(), orphan));
            if (may && deleteFrom(repository.store(), orphan.name()) == Deletion.DELETED) {
                LOG.info("deleted {}, which nothing needs here", orphan.name());
                orphans++;
                freedBytes += orphan.bytes();
            }
        }
        try {
            repository.store().abandonUnfinished(orphansBefore);
        } catch (IOException e) {
            LOG.warn("cannot remove unfinished puts from {}: {}", repository.location(), e.getMessage());
        }
    }

    private static boolean isIn(ObjectStore archive, StoredObject object) {
        try {
            return archive.stat(object.name())
                    .filter(there -> there.bytes() == object.bytes())
                    .isPresent();
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot look for object " + object.name() + " in " + archive.location() + ": " + e.getMessage(), e);
        }
    }

    /** Parts that snapshots in the archive shared with others which went later. */
    private void sweepArchive(List<StoredObject> unnamed, ObjectStore archive) {
        for (StoredObject orphan : unnamed) {
            if (!needed.contains(orphan.name()) && deleteFrom(archive, orphan.name()) == Deletion.DELETED) {
                orphans++;
                freedBytes += orphan.bytes();
            }
        }
    }

    /** The newest two stay: one may be in the making or in use. */
    void removeOldCheckpoints() {
        List<ObjectName> all = new ArrayList<>();
        repository.list(RepositoryLayout.CHECKPOINT_PREFIX, "", RepositoryLayout.ours(found -> all.add(found.name())));
        all.subList(0, Math.max(0, all.size() - 2)).forEach(name -> deleteFrom(repository.store(), name));
    }

    private static Deletion deleteFrom(ObjectStore store, ObjectName name) {
        try {
            return store.delete(name);
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot delete object " + name + " from " + store.location() + ": " + e.getMessage()
                            + "; the next 'prune' goes on",
                    e);
        }
    }
}

package io.tidemark.retention;

import io.tidemark.model.Micros;
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
import io.tidemark.repository.store.StoredObject;
import io.tidemark.state.SnapshotManifest;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out retention in two phases. Marking retires what a policy does not keep, with a commit: from then on no new
 * reader sees it. Sweeping deletes, a grace later, the objects of what was retired, unless something kept shares them;
 * and objects that no commit ever named, once they are so old that no writer can still be about to. Several may run at
 * once, beside writers and restores; a restore must not take longer than the grace.
 */
public final class Pruner {
    /**
     * How patient sweeping is.
     *
     * @param grace between marking and sweeping
     * @param orphanAge how old an object that no commit names must be
     */
    public record Patience(Duration grace, Duration orphanAge) {}

    /**
     * What was done, or with a dry run what would be.
     *
     * @param plans by source
     * @param sweptObjects deleted of what was retired
     * @param orphans deleted of what no commit names
     * @param freedBytes by both
     * @param lockedObjects that the store does not let go yet; they are tried again
     * @param waitingObjects retired, within their grace
     */
    public record Result(
            Map<String, RetentionPlan> plans,
            long sweptObjects,
            long orphans,
            long freedBytes,
            long lockedObjects,
            long waitingObjects) {}

    private static final Logger LOG = LoggerFactory.getLogger(Pruner.class);
    private static final long COMMITS_BETWEEN_CHECKPOINTS = 500;

    private final Repository repository;
    private final Catalog catalog;
    private final Clock clock;
    private final Patience patience;

    public Pruner(Repository repository, Catalog catalog, Clock clock, Patience patience) {
        this.repository = repository;
        this.catalog = catalog;
        this.clock = clock;
        this.patience = patience;
    }

    /** Thinks a policy through for some sources; changes nothing. */
    public Map<String, RetentionPlan> plan(List<String> sources, RetentionPolicy policy) {
        Map<String, RetentionPlan> plans = new LinkedHashMap<>();
        sources.forEach(
                source -> plans.put(source, RetentionPlan.of(catalog.history(source), policy, clock.instant())));
        return plans;
    }

    /** Marks what the policy does not keep of some sources, and sweeps what is due of all. */
    public Result prune(List<String> sources, RetentionPolicy policy) {
        catalog.refresh();
        Map<String, RetentionPlan> plans = new LinkedHashMap<>();
        for (String source : sources) {
            // Planned anew on whatever state the commit is made on.
            catalog.commit(newest -> {
                RetentionPlan plan = RetentionPlan.of(newest.history(source), policy, clock.instant());
                plans.put(source, plan);
                return List.copyOf(plan.retired());
            });
        }
        Sweep sweep = new Sweep();
        sweep.run();
        if (catalog.checkpoint(COMMITS_BETWEEN_CHECKPOINTS)) {
            sweep.removeOldCheckpoints();
        }
        return new Result(plans, sweep.swept, sweep.orphans, sweep.freedBytes, sweep.locked, sweep.waiting);
    }

    /** One pass over everything that may go. Its memory is the names of the objects that stay. */
    private final class Sweep {
        private final Set<ObjectName> needed = new HashSet<>();
        private long swept;
        private long orphans;
        private long freedBytes;
        private long locked;
        private long waiting;

        void run() {
            List<StoredObject> unnamed = candidates();
            catalog.refresh();
            for (String source : catalog.sources()) {
                need(catalog.history(source));
            }
            Instant due = clock.instant().minus(patience.grace());
            for (String source : catalog.sources()) {
                sweep(source, catalog.history(source).retired(), Micros.of(due));
            }
            sweepOrphans(unnamed);
        }

        /** Old objects, listed before the catalog is read: what is committed in between is seen then. */
        private List<StoredObject> candidates() {
            Instant before = clock.instant().minus(patience.orphanAge());
            Set<ObjectName> named = new HashSet<>();
            for (String source : catalog.sources()) {
                SourceHistory history = catalog.history(source);
                history.objects().forEach(ref -> named.add(ref.name()));
                history.retired().forEach(retired -> named.add(retired.object().name()));
            }
            List<StoredObject> old = new ArrayList<>();
            repository.list("", "", found -> {
                if (RepositoryLayout.isData(found.name())
                        && found.modifiedAt().isBefore(before)
                        && !named.contains(found.name())) {
                    old.add(found);
                }
            });
            return old;
        }

        private void need(SourceHistory history) {
            history.objects().forEach(ref -> needed.add(ref.name()));
            // One that cannot be read ends all sweeping, since nobody knows what it needs.
            history.snapshots()
                    .forEach(snapshot -> SnapshotManifest.read(repository, snapshot.manifest())
                            .objects()
                            .forEach(ref -> needed.add(ref.name())));
        }

        /** Of a retired snapshot; empty if it was swept already. */
        private Optional<SnapshotManifest> manifest(ObjectRef ref) {
            return repository.stat(ref.name()).map(there -> SnapshotManifest.read(repository, ref));
        }

        private void sweep(String source, List<RetiredObject> retired, long dueMicros) {
            Map<Boolean, List<RetiredObject>> byDue = retired.stream()
                    .collect(Collectors.partitioningBy(object -> object.retiredAtMicros() <= dueMicros));
            List<RetiredObject> due = byDue.getOrDefault(true, List.of());
            for (RetiredObject object : byDue.getOrDefault(false, List.of())) {
                waiting++;
                needed.add(object.object().name());
                if (object.isManifest()) {
                    manifest(object.object()).ifPresent(m -> m.objects().forEach(ref -> needed.add(ref.name())));
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
                        all &= delete(part.name(), part.bytes());
                    }
                }
            }
            return all && delete(object.object().name(), object.object().bytes());
        }

        private boolean delete(ObjectName name, long bytes) {
            if (needed.contains(name)) {
                return true;
            }
            Deletion deletion = deleteFromStore(name);
            if (deletion == Deletion.LOCKED) {
                locked++;
            } else if (deletion == Deletion.DELETED) {
                swept++;
                freedBytes += bytes;
            }
            return deletion != Deletion.LOCKED;
        }

        /** What is retired and waits is needed by now; what was due is gone or locked. */
        private void sweepOrphans(List<StoredObject> unnamed) {
            for (StoredObject orphan : unnamed) {
                if (!needed.contains(orphan.name()) && deleteFromStore(orphan.name()) == Deletion.DELETED) {
                    LOG.info("deleted {}, which no commit names", orphan.name());
                    orphans++;
                    freedBytes += orphan.bytes();
                }
            }
            try {
                repository.store().abandonUnfinished(clock.instant().minus(patience.orphanAge()));
            } catch (IOException e) {
                LOG.warn("cannot remove unfinished puts from {}: {}", repository.location(), e.getMessage());
            }
        }

        /** The newest two stay: one may be in the making or in use. */
        void removeOldCheckpoints() {
            List<ObjectName> all = new ArrayList<>();
            repository.list(RepositoryLayout.CHECKPOINT_PREFIX, "", found -> all.add(found.name()));
            all.subList(0, Math.max(0, all.size() - 2)).forEach(this::deleteFromStore);
        }

        private Deletion deleteFromStore(ObjectName name) {
            try {
                return repository.store().delete(name);
            } catch (IOException e) {
                throw TidemarkException.transientFailure(
                        "cannot delete object " + name + " from " + repository.location() + ": " + e.getMessage()
                                + "; the next 'prune' goes on",
                        e);
            }
        }
    }
}

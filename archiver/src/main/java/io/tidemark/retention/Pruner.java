package io.tidemark.retention;

import io.tidemark.model.Position;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Carries out retention in two phases. Marking retires what a policy does not keep, with a commit: from then on no new
 * reader sees it. Sweeping deletes, a grace later, the objects of what was retired, unless something kept shares them;
 * and objects that no commit ever named, once they are so old that no writer can still be about to. Between both,
 * snapshots that are old enough go to the archive. Several may run at once, beside writers and restores; a restore must
 * not take longer than the grace.
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
     * @param archivedSnapshots moved to the archive
     */
    public record Result(Map<String, RetentionPlan> plans, long archivedSnapshots, Sweep.Swept swept) {}

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
        long archived = archive(plans);
        Sweep sweep = new Sweep(repository, catalog, clock.instant(), patience);
        Sweep.Swept swept = sweep.run();
        if (catalog.checkpoint(COMMITS_BETWEEN_CHECKPOINTS)) {
            sweep.removeOldCheckpoints();
        }
        return new Result(plans, archived, swept);
    }

    private long archive(Map<String, RetentionPlan> plans) {
        SnapshotArchive archive = new SnapshotArchive(repository, catalog);
        long moved = 0;
        for (Map.Entry<String, RetentionPlan> plan : plans.entrySet()) {
            for (Position snapshot : plan.getValue().toArchive()) {
                moved += archive.move(plan.getKey(), snapshot) ? 1 : 0;
            }
        }
        return moved;
    }
}

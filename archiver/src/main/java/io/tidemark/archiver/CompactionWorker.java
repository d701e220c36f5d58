package io.tidemark.archiver;

import io.tidemark.plan.CompactionPlan;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns compaction plans of one source into runs, for as long as it runs. Any number of them may run anywhere. */
public final class CompactionWorker {
    private static final Logger LOG = LoggerFactory.getLogger(CompactionWorker.class);

    private final Compactor compactor;
    private final Clock clock;
    private final PlanLoop<CompactionPlan> loop;

    public CompactionWorker(
            ArchiverSettings settings, Topics topics, Repository repository, Catalog catalog, Clock clock) {
        this.clock = clock;
        loop = new PlanLoop<>(
                settings,
                topics.compactions(),
                topics.group("compactions"),
                CompactionPlan.class,
                PlanLoop.leavingDamage("segments of " + topics.source() + " cannot be merged", this::merge));
        compactor = new Compactor(repository, catalog, settings.spoolDirectory(), loop::isStopped);
    }

    /**
     * Runs until {@link #stop()}, once. What fails is done again by the next worker.
     *
     * @param doing is told what it does, in a word
     * @throws io.tidemark.model.TidemarkException why it cannot go on; of kind FENCED if another process has taken over
     */
    public void run(Consumer<String> doing) throws InterruptedException {
        loop.run(doing);
    }

    private void merge(CompactionPlan plan) throws IOException {
        long started = clock.millis();
        compactor
                .compact(plan)
                .ifPresent(run -> LOG.debug(
                        "merged {} of {} into a run: {} changes, in {} ms",
                        run.stretch().end(),
                        plan.source(),
                        run.stretch().changes(),
                        clock.millis() - started));
    }

    /** Ends {@link #run} soon; a merge in work is given up and done again later. Safe from any thread. */
    public void stop() {
        loop.stop();
    }
}

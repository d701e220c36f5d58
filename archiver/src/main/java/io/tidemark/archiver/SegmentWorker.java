package io.tidemark.archiver;

import io.tidemark.model.Micros;
import io.tidemark.plan.Announcement;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns segment plans of one source into segments, for as long as it runs. Any number of them may run anywhere; Kafka
 * spreads the plans over them.
 */
public final class SegmentWorker {
    /** The consumer group of the workers of one source, see {@link Topics#group}. */
    static final String GROUP = "archiver";

    private static final Logger LOG = LoggerFactory.getLogger(SegmentWorker.class);

    private final ArchiverSettings settings;
    private final Topics topics;
    private final Catalog catalog;
    private final SegmentArchiver archiver;
    private final Clock clock;
    private final PlanLoop<SegmentPlan> loop;
    private final LogRange log;
    private final LogTrimmer trimmer;
    private final Announcer announcer;

    public SegmentWorker(
            ArchiverSettings settings,
            Topics topics,
            Repository repository,
            Catalog catalog,
            SchemaRegistry registry,
            Clock clock) {
        this.settings = settings;
        this.topics = topics;
        this.catalog = catalog;
        this.clock = clock;
        archiver = new SegmentArchiver(repository, catalog, registry, this.settings.spoolDirectory());
        log = new LogRange(settings.kafka(), topics);
        trimmer = new LogTrimmer(
                settings.kafka(),
                topics,
                catalog,
                settings.logReaders().stream().map(topics::group).toList());
        announcer = new Announcer(settings.kafka(), topics);
        loop = new PlanLoop<>(settings, topics.segments(), topics.group(GROUP), SegmentPlan.class, this::carryOut);
    }

    /**
     * Runs until {@link #stop()}, once. What fails is done again by the next worker.
     *
     * @param doing is told what it does, in a word
     * @throws io.tidemark.model.TidemarkException why it cannot go on; of kind FENCED if another process has taken over
     */
    public void run(Consumer<String> doing) throws InterruptedException {
        try (log;
                trimmer;
                announcer) {
            loop.run(doing);
        }
    }

    private void carryOut(SegmentPlan plan) throws IOException, InterruptedException {
        long started = clock.millis();
        Stretch stretch = plan.stretch();
        if (archiver.archive(plan, log, loop::isStopped)) {
            LOG.debug(
                    "archived {} of {}: {} changes, {} bytes of log, in {} ms",
                    stretch.end(),
                    plan.source(),
                    stretch.changes(),
                    stretch.bytes(),
                    clock.millis() - started);
            SourceHistory history = catalog.history(topics.source());
            announcer.announce(new Announcement(
                    plan.source(),
                    Announcement.Kind.SEGMENT,
                    stretch.after(),
                    stretch.end(),
                    stretch.bytes(),
                    history.lastEnd(stretch.epoch()).isPresent(),
                    Micros.of(clock.instant())));
        }
        trimmer.trim();
    }

    /** Ends {@link #run} soon; the plan in work is finished or given back. Safe from any thread. */
    public void stop() {
        loop.stop();
    }
}

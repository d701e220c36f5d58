package io.tidemark.archiver;

import io.tidemark.model.Micros;
import io.tidemark.plan.Announcement;
import io.tidemark.plan.SnapshotRequest;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns snapshot requests of one source into snapshots, for as long as it runs. */
public final class SnapshotWorker {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWorker.class);

    private final SnapshotBuilder builder;
    private final Clock clock;
    private final Announcer announcer;
    private final PlanLoop<SnapshotRequest> loop;

    public SnapshotWorker(
            ArchiverSettings settings, Topics topics, Repository repository, Catalog catalog, Clock clock) {
        this.clock = clock;
        announcer = new Announcer(settings.kafka(), topics);
        loop = new PlanLoop<>(
                settings,
                topics.snapshots(),
                topics.group("snapshots"),
                SnapshotRequest.class,
                PlanLoop.leavingDamage("a snapshot of " + topics.source() + " cannot be built", this::build));
        builder = new SnapshotBuilder(repository, catalog, settings.spoolDirectory(), loop::isStopped);
    }

    /**
     * Runs until {@link #stop()}, once. What fails is done again by the next worker.
     *
     * @param doing is told what it does, in a word
     * @throws io.tidemark.model.TidemarkException why it cannot go on; of kind FENCED if another process has taken over
     */
    public void run(Consumer<String> doing) throws InterruptedException {
        try (announcer) {
            loop.run(doing);
        }
    }

    private void build(SnapshotRequest request) throws IOException {
        long started = clock.millis();
        CatalogEntry.SnapshotAdded snapshot = builder.build(
                request.source(),
                (collection, rows, done, total) -> LOG.debug(
                        "snapshot of {}: {} has {} rows, {} of {} collections",
                        request.source(),
                        collection,
                        rows,
                        done,
                        total));
        LOG.info(
                "snapshot of {} at {} ({}): {} rows, {} bytes, in {} ms",
                request.source(),
                snapshot.end().at(),
                request.reason(),
                snapshot.rows(),
                snapshot.bytes(),
                clock.millis() - started);
        announcer.announce(new Announcement(
                request.source(),
                Announcement.Kind.SNAPSHOT,
                snapshot.end().at().offset(),
                snapshot.end().at(),
                0,
                true,
                Micros.of(clock.instant())));
    }

    /** Ends {@link #run} soon; a snapshot in work goes on behind its finished parts after the next start. Safe from any thread. */
    public void stop() {
        loop.stop();
    }
}

package io.tidemark.app.runtime;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.retention.Pruner;
import io.tidemark.retention.RetentionPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prunes one source's history now and then, for as long as it runs. A failure is logged and left to the next time. */
final class Maintenance {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    private final String source;
    private final Catalog catalog;
    private final Pruner pruner;
    private final RetentionPolicy policy;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Maintenance(String source, Catalog catalog, Pruner pruner, RetentionPolicy policy, Duration interval) {
        this.source = source;
        this.catalog = catalog;
        this.pruner = pruner;
        this.policy = policy;
        this.interval = interval;
    }

    /**
     * Runs until {@link #stop()}.
     *
     * @param doing is told that it runs
     */
    void run(Consumer<String> doing) throws InterruptedException {
        doing.accept("running");
        while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                prune();
            } catch (TidemarkException e) {
                LOG.warn("pruning {}: {}", source, e.getMessage());
            }
        }
    }

    private void prune() {
        catalog.refresh();
        if (!catalog.knows(source)) {
            return;
        }
        Pruner.Result result = pruner.prune(List.of(source), policy);
        if (result.archivedSnapshots() > 0) {
            LOG.info("{} snapshots were moved to the archive", result.archivedSnapshots());
        }
        if (result.swept().freedBytes() > 0) {
            LOG.info(
                    "pruned: {} objects and {} orphans deleted, {} bytes freed",
                    result.swept().objects(),
                    result.swept().orphans(),
                    result.swept().freedBytes());
        }
    }

    /** Ends {@link #run} soon. Safe from any thread. */
    void stop() {
        stopped.countDown();
    }
}

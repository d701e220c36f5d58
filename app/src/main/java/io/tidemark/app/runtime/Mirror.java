package io.tidemark.app.runtime;

import io.tidemark.copy.RepositoryCopy;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.ObjectStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a copy of the repository up to date for as long as it is open. A failure is logged and tried again. */
final class Mirror implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final RepositoryCopy copy;
    private final ObjectStore place;
    private final Duration interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "mirror");

    private Mirror(RepositoryCopy copy, ObjectStore place, Duration interval) {
        this.copy = copy;
        this.place = place;
        this.interval = interval;
    }

    /** Starts; closes the place when it is closed itself. */
    static Mirror start(RepositoryCopy copy, ObjectStore place, Duration interval) {
        Mirror mirror = new Mirror(copy, place, interval);
        mirror.thread.start();
        return mirror;
    }

    private void run() {
        try {
            while (!stopped.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                copyOnce();
            }
            // What was archived while stopping belongs into the mirror too.
            copyOnce();
        } catch (InterruptedException e) {
            LOG.warn("the mirror at {} was not brought up to date at the end", place.location());
        }
    }

    private void copyOnce() throws InterruptedException {
        try {
            copy.run((done, total, bytes) -> {});
        } catch (TidemarkException e) {
            LOG.warn("the mirror is behind: {}", e.getMessage());
        }
    }

    @Override
    public void close() throws Exception {
        stopped.countDown();
        thread.join(STOP_PATIENCE.toMillis());
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join();
        }
        place.close();
    }
}

package io.tidemark.app.runtime;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A lock on one source of a data directory: whoever captures it has it, and whoever changes what capturing made in the
 * database. Ends with the process at the latest.
 */
public final class SourceLock implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final DataLock lock;

    private SourceLock(DataLock lock) {
        this.lock = lock;
    }

    /**
     * Takes the lock.
     *
     * @throws TidemarkException of kind PERMANENT if somebody has it
     */
    static SourceLock take(Path data, String source) {
        return await(data, source, Duration.ZERO);
    }

    /**
     * Takes the lock as soon as it is free.
     *
     * @throws TidemarkException of kind PERMANENT if somebody has it for longer than {@code patience}
     */
    public static SourceLock await(Path data, String source, Duration patience) {
        Deadline deadline = Deadline.in(patience);
        while (true) {
            try {
                return new SourceLock(DataLock.take(data, "-source-" + source));
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot use the data directory " + data + ": " + e.getMessage(), e);
            } catch (TidemarkException e) {
                if (deadline.hasPassed()) {
                    throw TidemarkException.permanent(
                            "another process captures " + source + " or changes it in " + data
                                    + "; wait until it ends, or stop it",
                            e);
                }
                pause(e);
            }
        }
    }

    private static void pause(TidemarkException taken) {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw taken;
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw TidemarkException.permanent("a lock is not given back: " + e.getMessage(), e);
        }
    }
}

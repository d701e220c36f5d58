package io.tidemark.testbed;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waiting for what happens elsewhere. */
public final class Await {
    private static final long FIRST_PAUSE_MICROS = 1_000;
    private static final long LONGEST_PAUSE_MICROS = 50_000;

    private Await() {}

    /** Something that becomes true. */
    public interface Condition {
        boolean isMet() throws Exception;
    }

    /**
     * Waits until a condition is met, and looks again after short pauses.
     *
     * @param what is awaited, for the message
     * @throws AssertionError if it is not met in time
     */
    public static void until(String what, Duration patience, Condition condition) throws Exception {
        until(() -> what, patience, condition);
    }

    /** The same, with a message that is made when it is needed. */
    public static void until(Supplier<String> what, Duration patience, Condition condition) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        long pause = FIRST_PAUSE_MICROS;
        while (!condition.isMet()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + patience.toSeconds() + " s in vain: " + what.get());
            }
            TimeUnit.MICROSECONDS.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MICROS);
        }
    }
}

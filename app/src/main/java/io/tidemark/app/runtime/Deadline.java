package io.tidemark.app.runtime;

import java.time.Duration;

/**
 * A moment at which waiting ends. Safe from any thread.
 *
 * @param nanos as {@link System#nanoTime()} tells it
 */
record Deadline(long nanos) {
    static Deadline in(Duration patience) {
        return new Deadline(System.nanoTime() + patience.toNanos());
    }

    /** So much before this one. */
    Deadline before(Duration reserve) {
        return new Deadline(nanos - reserve.toNanos());
    }

    /** What is left; zero if it has passed. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    boolean hasPassed() {
        return left().isZero();
    }

    /** Waits for a thread's end, until this moment; whether it has ended. */
    boolean join(Thread thread) throws InterruptedException {
        if (!hasPassed()) {
            thread.join(Math.max(1, left().toMillis()));
        }
        return !thread.isAlive();
    }
}

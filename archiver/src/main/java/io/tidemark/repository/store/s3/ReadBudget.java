package io.tidemark.repository.store.s3;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes of read-ahead that all open readers of a store may hold together beyond their first. Thread-safe. */
final class ReadBudget {
    private final AtomicLong left;

    ReadBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** Takes so many bytes, if there are so many left. */
    boolean take(long bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void giveBack(long bytes) {
        left.addAndGet(bytes);
    }
}

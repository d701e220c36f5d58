package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way from the thread that reads the binary log to the one that decodes it, bounded by their bytes in the
 * log. Thread-safe.
 */
final class EventQueue {
    private static final long MOST_BYTES = 4L << 20;
    private static final long MOST_BYTES_AT_ONCE = 512L << 10;

    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private long bytes;
    private @Nullable Throwable failure;
    private boolean closed;

    /** Adds an event; waits while there are too many. Nobody takes any behind the end. */
    private synchronized void put(Event event) throws InterruptedException {
        while (bytes >= MOST_BYTES && !closed) {
            wait();
        }
        if (closed) {
            return;
        }
        events.add(event);
        bytes += bytes(event);
        notifyAll();
    }

    /** Adds an event, if there is one, for readers that cannot be interrupted. */
    void offer(@Nullable Event event) {
        try {
            if (event != null) {
                put(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        }
    }

    /** No more events will come, because of this. */
    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
        notifyAll();
    }

    /** Lets nobody wait any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /**
     * What has come, at least one event unless the time is over.
     *
     * @throws IllegalStateException if nothing more will come, with the cause
     */
    synchronized List<Event> take(long patienceMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        while (events.isEmpty() && failure == null && !closed && System.nanoTime() < deadline) {
            wait(patienceMillis);
        }
        Throwable cause = failure;
        if (events.isEmpty() && cause != null) {
            throw new IllegalStateException(cause.getMessage(), cause);
        }
        List<Event> taken = new ArrayList<>();
        long takenBytes = 0;
        while (!events.isEmpty() && takenBytes < MOST_BYTES_AT_ONCE) {
            Event event = events.remove();
            taken.add(event);
            takenBytes += bytes(event);
        }
        bytes -= takenBytes;
        notifyAll();
        return taken;
    }

    private static long bytes(Event event) {
        EventHeaderV4 header = event.getHeader();
        return header.getEventLength();
    }
}

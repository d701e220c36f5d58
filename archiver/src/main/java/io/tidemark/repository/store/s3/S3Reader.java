package io.tidemark.repository.store.s3;

import io.tidemark.repository.store.ObjectReader;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads an object in ranges. A window of its bytes is kept; while reads go forward it grows as far as the budget allows,
 * and the next one is fetched ahead. Not thread-safe.
 */
final class S3Reader implements ObjectReader {
    static final int FIRST_WINDOW_BYTES = 64 * 1024;
    private static final int MAX_WINDOW_BYTES = 4 << 20;

    /** Fetches a range of the object; fails if the object is another by now. */
    interface Ranges {
        CompletableFuture<byte[]> fetch(long position, int count);
    }

    private record Ahead(long position, CompletableFuture<byte[]> bytes) {}

    private final Ranges ranges;
    private final ReadBudget budget;
    private final long length;
    private byte[] window;
    private long windowStart;
    private int windowBytes = FIRST_WINDOW_BYTES;
    private long taken;
    private Optional<Ahead> ahead = Optional.empty();

    /**
     * @param first the first bytes of the object
     */
    S3Reader(Ranges ranges, ReadBudget budget, long length, byte[] first) {
        this.ranges = ranges;
        this.budget = budget;
        this.length = length;
        window = first;
    }

    @Override
    public long lengthBytes() {
        return length;
    }

    @Override
    public void readFully(long position, byte[] target, int start, int count) throws IOException {
        if (position + count > length) {
            throw new EOFException("ends at byte " + length + ", " + (position + count) + " expected");
        }
        int done = 0;
        while (done < count) {
            long at = position + done;
            if (at < windowStart || at >= windowStart + window.length) {
                load(at);
            }
            int from = (int) (at - windowStart);
            int copied = Math.min(count - done, window.length - from);
            System.arraycopy(window, from, target, start + done, copied);
            done += copied;
        }
    }

    private void load(long position) throws IOException {
        boolean forward = position == windowStart + window.length;
        if (forward) {
            grow();
        }
        byte[] next;
        if (ahead.isPresent() && ahead.get().position() == position) {
            next = S3Calls.await(ahead.get().bytes());
        } else {
            dropAhead();
            next = S3Calls.await(ranges.fetch(position, size(position)));
        }
        ahead = Optional.empty();
        window = next;
        windowStart = position;
        long behind = position + next.length;
        if (forward && taken > 0 && behind < length) {
            ahead = Optional.of(new Ahead(behind, ranges.fetch(behind, size(behind))));
        }
    }

    /** The window and the one ahead count, so each doubling takes twice what it adds. */
    private void grow() {
        int more = windowBytes;
        if (windowBytes < MAX_WINDOW_BYTES && budget.take(2L * more)) {
            taken += 2L * more;
            windowBytes += more;
        }
    }

    private int size(long position) {
        return (int) Math.min(windowBytes, length - position);
    }

    private void dropAhead() {
        ahead.ifPresent(a -> a.bytes().cancel(true));
        ahead = Optional.empty();
    }

    @Override
    public void close() {
        dropAhead();
        budget.giveBack(taken);
        taken = 0;
        window = new byte[0];
    }
}

package io.tidemark.restorer.mysql;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Hands chunks of bytes from one thread to another that reads them as a stream. A few wait in between. */
final class ChunkPipe extends InputStream {
    private static final byte[] END = new byte[0];
    private static final int CHUNKS = 4;
    private static final long LOOK_MILLIS = 100;
    /** The driver reads 8 KiB at once; if they are that many, with a header its buffer is too small and made anew each time. */
    private static final int READ_BYTES = 8192 - 4;

    private final BlockingQueue<byte[]> chunks = new ArrayBlockingQueue<>(CHUNKS);
    private byte[] current = new byte[0];
    private int place;
    private boolean ended;
    private volatile boolean aborted;
    private volatile boolean readerEnded;

    /** Gives a chunk; false if nobody reads any more. */
    boolean put(byte[] chunk) throws InterruptedException {
        if (chunk.length == 0) {
            return !readerEnded;
        }
        return offer(chunk);
    }

    private boolean offer(byte[] chunk) throws InterruptedException {
        while (!readerEnded) {
            if (chunks.offer(chunk, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        return false;
    }

    /** There are no more. */
    void end() throws InterruptedException {
        offer(END);
    }

    /** Makes the reader fail, so that nothing is taken for complete. */
    void abort() {
        aborted = true;
    }

    /** Nobody reads any more. */
    void readerEnds() {
        readerEnded = true;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int start, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (place == current.length && !next()) {
            return -1;
        }
        int count = Math.min(Math.min(length, READ_BYTES), current.length - place);
        System.arraycopy(current, place, target, start, count);
        place += count;
        return count;
    }

    private boolean next() throws IOException {
        while (!ended) {
            byte[] chunk = poll();
            if (chunk != null) {
                current = chunk;
                place = 0;
                ended = chunk.length == 0;
                return !ended;
            }
            if (aborted) {
                throw new IOException("the rows ended early");
            }
        }
        return false;
    }

    private byte @Nullable [] poll() throws IOException {
        try {
            return chunks.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("reading rows was interrupted", e);
        }
    }
}

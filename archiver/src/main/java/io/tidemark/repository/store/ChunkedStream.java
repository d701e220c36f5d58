package io.tidemark.repository.store;

import java.io.IOException;
import java.io.InputStream;

/** A stream that is filled chunk by chunk. Not thread-safe. */
public abstract class ChunkedStream extends InputStream {
    private byte[] chunk = new byte[0];
    private int position;
    private int limit;

    /** Makes the next chunk and hands it to {@link #chunk}; false behind the last. */
    protected abstract boolean next() throws IOException;

    /** The next bytes are those of the array up to the limit; there is at least one. */
    protected final void chunk(byte[] bytes, int length) {
        chunk = bytes;
        position = 0;
        limit = length;
    }

    @Override
    public final int read() throws IOException {
        return fill() ? chunk[position++] & 255 : -1;
    }

    @Override
    public final int read(byte[] target, int start, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int copied = Math.min(count, limit - position);
        System.arraycopy(chunk, position, target, start, copied);
        position += copied;
        return copied;
    }

    private boolean fill() throws IOException {
        return position < limit || next();
    }
}

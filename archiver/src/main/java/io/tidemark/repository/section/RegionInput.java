package io.tidemark.repository.section;

import io.tidemark.repository.store.ObjectReader;
import java.io.IOException;
import org.apache.avro.file.SeekableInput;

/** One region of an object as Avro wants to read it, with read-ahead. Closes the reader. Not thread-safe. */
final class RegionInput implements SeekableInput {
    private static final int READ_AHEAD_BYTES = 128 * 1024;

    private final ObjectReader reader;
    private final long offset;
    private final long length;
    private final byte[] buffer;
    private long bufferStart;
    private int bufferLength;
    private long position;

    RegionInput(ObjectReader reader, long offset, long length) {
        this.reader = reader;
        this.offset = offset;
        this.length = length;
        buffer = new byte[(int) Math.min(READ_AHEAD_BYTES, Math.max(length, 1))];
    }

    @Override
    public void seek(long target) {
        position = target;
    }

    @Override
    public long tell() {
        return position;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int read(byte[] target, int start, int count) throws IOException {
        if (position >= length) {
            return -1;
        }
        if (position < bufferStart || position >= bufferStart + bufferLength) {
            int fill = (int) Math.min(buffer.length, length - position);
            reader.readFully(offset + position, buffer, 0, fill);
            bufferStart = position;
            bufferLength = fill;
        }
        int from = (int) (position - bufferStart);
        int copied = Math.min(count, bufferLength - from);
        System.arraycopy(buffer, from, target, start, copied);
        position += copied;
        return copied;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}

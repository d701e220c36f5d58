package io.tidemark.repository;

import io.tidemark.repository.store.ObjectReader;
import java.io.EOFException;
import java.io.IOException;

/** An object whose bytes are in memory already. */
@SuppressWarnings("ArrayRecordComponent")
record BytesReader(byte[] bytes) implements ObjectReader {
    @Override
    public long lengthBytes() {
        return bytes.length;
    }

    @Override
    public void readFully(long position, byte[] target, int start, int count) throws IOException {
        if (position + count > bytes.length) {
            throw new EOFException("ends at byte " + bytes.length + ", " + (position + count) + " expected");
        }
        System.arraycopy(bytes, (int) position, target, start, count);
    }

    @Override
    public void close() {}
}

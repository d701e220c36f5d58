package io.tidemark.repository.store;

import java.io.IOException;

/** Random access to one object's bytes. Not thread-safe. */
public interface ObjectReader extends AutoCloseable {
    long lengthBytes();

    /**
     * Reads exactly {@code count} bytes from {@code position} on.
     *
     * @throws IOException if the object ends before or cannot be read
     */
    void readFully(long position, byte[] target, int start, int count) throws IOException;

    @Override
    void close() throws IOException;
}

package io.tidemark.repository.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Bytes to put, of known length, that can be read more than once, so that a failed put can be tried again. */
public interface ObjectContent {
    long lengthBytes();

    /** A new stream over all bytes; the caller closes it. */
    InputStream open() throws IOException;

    /** Content that is in memory already. */
    static ObjectContent of(byte[] bytes) {
        return new ObjectContent() {
            @Override
            public long lengthBytes() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }
}

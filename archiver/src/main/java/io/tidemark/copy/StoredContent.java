package io.tidemark.copy;

import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;

/** An object of one store as content for another, byte for byte as it is stored. */
record StoredContent(ObjectStore store, ObjectName name, long lengthBytes)
        implements io.tidemark.repository.store.ObjectContent {
    private static final int BUFFER_BYTES = 64 * 1024;

    @Override
    public InputStream open() throws IOException {
        ObjectReader reader = store.open(name)
                .orElseThrow(() -> new IOException("object " + name + " is gone from " + store.location()));
        return new Stream(reader);
    }

    private static final class Stream extends InputStream {
        private final ObjectReader reader;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private long position;
        private int at;
        private int limit;

        Stream(ObjectReader reader) {
            this.reader = reader;
        }

        @Override
        public int read() throws IOException {
            return fill() ? buffer[at++] & 255 : -1;
        }

        @Override
        public int read(byte[] target, int start, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int copied = Math.min(count, limit - at);
            System.arraycopy(buffer, at, target, start, copied);
            at += copied;
            return copied;
        }

        private boolean fill() throws IOException {
            if (at < limit) {
                return true;
            }
            int next = (int) Math.min(BUFFER_BYTES, reader.lengthBytes() - position);
            if (next <= 0) {
                return false;
            }
            reader.readFully(position, buffer, 0, next);
            position += next;
            at = 0;
            limit = next;
            return true;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}

package io.tidemark.copy;

import io.tidemark.repository.store.ChunkedStream;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;

/** An object of one store as content for another, byte for byte as it is stored. */
record StoredContent(ObjectStore store, ObjectName name, long lengthBytes) implements ObjectContent {
    private static final int BUFFER_BYTES = 64 * 1024;

    @Override
    public InputStream open() throws IOException {
        ObjectReader reader = store.open(name)
                .orElseThrow(() -> new IOException("object " + name + " is gone from " + store.location()));
        return new Stream(reader);
    }

    private static final class Stream extends ChunkedStream {
        private final ObjectReader reader;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private long position;

        Stream(ObjectReader reader) {
            this.reader = reader;
        }

        @Override
        protected boolean next() throws IOException {
            int count = (int) Math.min(BUFFER_BYTES, reader.lengthBytes() - position);
            if (count <= 0) {
                return false;
            }
            reader.readFully(position, buffer, 0, count);
            position += count;
            chunk(buffer, count);
            return true;
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}

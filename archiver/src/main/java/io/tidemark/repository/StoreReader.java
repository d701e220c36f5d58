package io.tidemark.repository;

import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;

/**
 * A stored object's bytes, with failures of the store told apart from damage: a store that does not answer is a failure
 * of kind TRANSIENT, an object that ends early one of kind VERIFICATION.
 */
record StoreReader(ObjectStore store, ObjectName name, ObjectReader stored) implements ObjectReader {
    @Override
    public long lengthBytes() {
        return stored.lengthBytes();
    }

    @Override
    public void readFully(long position, byte[] target, int start, int count) {
        try {
            stored.readFully(position, target, start, count);
        } catch (IOException e) {
            throw Repository.unreadable(store, name, e);
        }
    }

    @Override
    public void close() throws IOException {
        stored.close();
    }
}

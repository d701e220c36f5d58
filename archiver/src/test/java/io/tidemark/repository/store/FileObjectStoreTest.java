package io.tidemark.repository.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract of object stores, kept by files. */
class FileObjectStoreTest extends ObjectStoreContract {
    @TempDir
    private Path directory = Path.of("");

    @Override
    ObjectStore open() {
        return new FileObjectStore(directory);
    }
}

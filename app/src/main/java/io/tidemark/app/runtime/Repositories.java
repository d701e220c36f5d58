package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectStore;
import java.nio.file.Path;

/** Opens the repository that the configuration names. */
public final class Repositories {
    private static final String FILE = "file:";

    private Repositories() {}

    public static ObjectStore store(Configuration configuration) {
        String location = configuration.text(Key.REPOSITORY);
        if (!location.startsWith(FILE)) {
            throw TidemarkException.usage("repository is '" + location + "', needed is file:DIRECTORY");
        }
        return new FileObjectStore(Path.of(location.substring(FILE.length()).replaceFirst("^//", "")));
    }

    public static Repository open(Configuration configuration) {
        return Repository.open(store(configuration), configuration.keySource());
    }
}

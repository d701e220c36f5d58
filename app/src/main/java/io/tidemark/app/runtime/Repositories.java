package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.repository.Repository;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.store.ObjectStore;
import java.util.Optional;

/** Opens the repository that the configuration names. */
public final class Repositories {
    private Repositories() {}

    /** The store of the repository that is configured. */
    public static ObjectStore store(Configuration configuration) {
        return store(configuration.text(Key.REPOSITORY), configuration);
    }

    /** The store at a location, with the configuration's keys for stores. */
    public static ObjectStore store(String location, Configuration configuration) {
        return StoreLocation.open(location, configuration);
    }

    public static Repository open(Configuration configuration) {
        return open(configuration, configuration.keySource());
    }

    /** The same with another key. */
    public static Repository open(Configuration configuration, Optional<KeySource> key) {
        Optional<ObjectStore> archive = configuration.optional(Key.ARCHIVE).map(place -> store(place, configuration));
        return Repository.open(store(configuration), key, archive);
    }
}

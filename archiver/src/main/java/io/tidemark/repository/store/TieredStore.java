package io.tidemark.repository.store;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A store behind which stands an archive: what the first does not have, and the archive may, is read from there. Everything
 * else is done in the first alone, whether the archive answers or not.
 *
 * @param archive closed with the first
 * @param archived tells the names that may be there
 */
public record TieredStore(ObjectStore first, ObjectStore archive, Predicate<ObjectName> archived)
        implements ObjectStore {
    @Override
    public boolean putIfAbsent(ObjectName name, ObjectContent content) throws IOException {
        return first.putIfAbsent(name, content);
    }

    @Override
    public Optional<ObjectReader> open(ObjectName name) throws IOException {
        Optional<ObjectReader> found = first.open(name);
        return found.isPresent() || !archived.test(name) ? found : archive.open(name);
    }

    @Override
    public Optional<StoredObject> stat(ObjectName name) throws IOException {
        Optional<StoredObject> found = first.stat(name);
        return found.isPresent() || !archived.test(name) ? found : archive.stat(name);
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> consumer) throws IOException {
        first.list(prefix, after, consumer);
    }

    @Override
    public Deletion delete(ObjectName name) throws IOException {
        return first.delete(name);
    }

    @Override
    public int abandonUnfinished(Instant olderThan) throws IOException {
        return first.abandonUnfinished(olderThan);
    }

    @Override
    public String location() {
        return first.location();
    }

    @Override
    public void close() throws IOException {
        try (archive) {
            first.close();
        }
    }
}

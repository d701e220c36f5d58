package io.tidemark.repository.store;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A place that keeps objects by name. Objects appear whole or not at all and never change. Implementations are
 * thread-safe, report failures as {@link IOException} and do not retry what is final.
 */
public interface ObjectStore extends AutoCloseable {
    /**
     * Stores an object unless one of that name exists. Of several concurrent calls one wins. When it returns, the object
     * is durable.
     *
     * @return whether this call stored it; false leaves the existing object untouched
     */
    boolean putIfAbsent(ObjectName name, ObjectContent content) throws IOException;

    /** Opens an object for ranged reads; empty if there is none. */
    Optional<ObjectReader> open(ObjectName name) throws IOException;

    /** What the store knows of an object; empty if there is none. */
    Optional<StoredObject> stat(ObjectName name) throws IOException;

    /**
     * Tells the objects whose names begin with the prefix and sort behind {@code after}, in ascending order, while they
     * are listed. Names that no {@link ObjectName} can have are somebody else's and left out.
     *
     * @param after empty for all
     */
    void list(String prefix, String after, Consumer<StoredObject> consumer) throws IOException;

    /** Deletes an object for good. Only the collector of garbage calls this. */
    Deletion delete(ObjectName name) throws IOException;

    /**
     * Removes what is left of puts that never ended.
     *
     * @param olderThan puts that began later may be under way
     * @return how many there were
     */
    int abandonUnfinished(Instant olderThan) throws IOException;

    /** Where this is, for messages. */
    String location();

    @Override
    void close() throws IOException;
}

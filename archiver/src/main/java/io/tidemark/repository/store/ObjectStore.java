package io.tidemark.repository.store;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** The object's length in bytes; empty if there is none. */
    OptionalLong size(ObjectName name) throws IOException;

    /** Tells the names that begin with the prefix, in ascending order, while they are listed. */
    void list(String prefix, Consumer<ObjectName> consumer) throws IOException;

    /** Where this is, for messages. */
    String location();

    @Override
    void close() throws IOException;
}

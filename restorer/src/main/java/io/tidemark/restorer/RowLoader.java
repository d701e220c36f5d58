package io.tidemark.restorer;

import io.tidemark.merge.MergedRows;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Loads the rows of one collection in one transaction. Closing without {@link #complete} rolls back. Not thread-safe.
 */
public interface RowLoader extends MergedRows, AutoCloseable {
    /**
     * Makes the rows durable.
     *
     * @param about hears what the transaction is called, before it is committed
     * @return how many there are
     */
    long complete(Consumer<String> about) throws IOException;

    /** Bytes sent to the database so far. */
    long bytes();

    @Override
    void close();
}

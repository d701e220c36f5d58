package io.tidemark.restorer;

import io.tidemark.merge.MergedRows;
import java.io.IOException;

/**
 * Loads the rows of one collection in one transaction. Closing without {@link #complete} rolls back. Not thread-safe.
 */
public interface RowLoader extends MergedRows, AutoCloseable {
    /**
     * Makes the rows durable.
     *
     * @return how many there are
     */
    long complete() throws IOException;

    /** Bytes sent to the database so far. */
    long bytes();

    @Override
    void close();
}

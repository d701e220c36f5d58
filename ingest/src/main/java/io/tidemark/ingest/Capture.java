package io.tidemark.ingest;

/** An open stream of changes from a source. Used by one thread. */
public interface Capture extends AutoCloseable {
    /**
     * Hands over to the sink what has arrived, up to a bounded amount, without waiting.
     *
     * @return whether anything had arrived
     */
    boolean poll();

    /**
     * Tells the source that everything up to here is safe and need not be kept.
     *
     * @param resume as given to the sink with a transaction
     */
    void confirm(String resume);

    @Override
    void close();
}

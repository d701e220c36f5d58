package io.tidemark.ingest;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.SourceSchema;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a source captures. {@link #register} and {@link #copyWriter} are thread-safe; everything else is for the one
 * thread that reads the stream.
 */
public interface ChangeSink extends CopySink {
    /**
     * A transaction of the source.
     *
     * @param id the source's name of it
     * @param coordinate the source's place of its commit
     * @param committedAtMicros µs since 1970 UTC
     */
    record TransactionStart(String id, String coordinate, long committedAtMicros) {}

    /** The source's schema as of here. */
    void schema(SourceSchema schema);

    /**
     * Begins a transaction.
     *
     * @param skip how many of its changes are in the log already and will be dropped here
     */
    void begin(TransactionStart transaction, long skip);

    /**
     * From here on nothing of the transaction is dropped, whatever of it is in the log already: its further changes take that
     * back first.
     */
    void skipNoMore();

    /** One change of the transaction; all bytes are copied. */
    void change(
            Op op,
            int schemaId,
            ByteSink key,
            @Nullable ByteSink movedFrom,
            @Nullable ByteSink before,
            @Nullable ByteSink after);

    /** The transaction shall be in the log even if it has no changes, because its time matters. */
    void heartbeat();

    /** The segment shall be closed behind this transaction. */
    void seal(String id);

    /**
     * Ends the transaction.
     *
     * @param resume where the source goes on behind it
     */
    void commit(String resume);

    /**
     * Ends the initial copy, which is a transaction of its own kind.
     *
     * @param copy its coordinate lies before every transaction that follows
     */
    void endCopy(TransactionStart copy, String resume);
}

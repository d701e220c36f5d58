package io.tidemark.ingest;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowSchema;

/** Takes rows that are read from tables, by several threads at once. Thread-safe. */
public interface CopySink {
    /** Makes the shape of rows known and gives the id to pass with them. */
    int register(RowSchema schema);

    /** A writer of rows for one thread. */
    CopyWriter copyWriter();

    /** Writes rows of one thread. */
    interface CopyWriter {
        /** One row; all bytes are copied. */
        void row(int schemaId, ByteSink key, ByteSink row);

        /** Hands over what is buffered. */
        void flush();
    }
}

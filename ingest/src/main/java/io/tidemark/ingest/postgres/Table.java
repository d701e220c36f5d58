package io.tidemark.ingest.postgres;

import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;

/**
 * A table under backup: an ordinary table or a partition.
 *
 * @param pages its size in pages of the server, as its last analysis counted them; 0 before the first one
 */
record Table(RowSchema rows, long pages) {
    CollectionName name() {
        return rows.collection();
    }

    long oid() {
        return Long.parseLong(rows.id());
    }
}

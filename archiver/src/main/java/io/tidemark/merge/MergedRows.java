package io.tidemark.merge;

import io.tidemark.model.ByteSink;
import java.io.IOException;

/** Takes the rows of a merge, in key order. The arguments are reused after the call. */
public interface MergedRows {
    /**
     * @param key the row's key bytes
     * @param row the row in Avro binary, in the schema that was asked for
     * @param offset of the change that made the row what it is
     * @param index of that change within its batch
     * @param count how often the row is there; more than 1 only in a multiset
     */
    void accept(ByteSink key, ByteSink row, long offset, int index, long count) throws IOException;
}

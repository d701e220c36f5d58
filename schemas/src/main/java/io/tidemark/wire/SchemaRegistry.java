package io.tidemark.wire;

import org.apache.avro.Schema;

/** Gives Avro schemas numbers that all roles agree on. Implementations are thread-safe and cache. */
public interface SchemaRegistry {
    /**
     * The id of the schema under the subject, registered if it is new. The same schema has the same id for ever.
     *
     * @throws io.tidemark.model.TidemarkException of kind TRANSIENT if the registry cannot be reached, PERMANENT if it
     *     refuses the schema
     */
    int register(String subject, Schema schema);

    /**
     * The schema with this id.
     *
     * @throws io.tidemark.model.TidemarkException of kind NOT_FOUND if there is none, TRANSIENT if the registry cannot
     *     be reached
     */
    Schema schema(int id);
}

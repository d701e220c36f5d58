/**
 * The format of segments, runs and snapshot parts: Avro container files, one per collection and schema, and a footer.
 * Must not know Kafka, merging or any database.
 */
@NullMarked
package io.tidemark.repository.section;

import org.jspecify.annotations.NullMarked;

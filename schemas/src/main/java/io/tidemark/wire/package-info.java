/**
 * How changes look in Kafka: the Avro change batch, Confluent framing, fragments of large records and the schema
 * registry protocol. Entry points are {@link io.tidemark.wire.BatchBuilder} and {@link io.tidemark.wire.BatchReader}.
 * Must not know what a batch is used for.
 */
@NullMarked
package io.tidemark.wire;

import org.jspecify.annotations.NullMarked;

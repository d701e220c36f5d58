/**
 * The Kafka Streams jobs between ingest and archiver: cutting the change log into segments, asking for snapshots, and the
 * audit topics. Entry point is {@link io.tidemark.pipeline.StreamsJob}. Must not know the repository.
 */
@NullMarked
package io.tidemark.pipeline;

import org.jspecify.annotations.NullMarked;

/**
 * From a live source into its change log. {@link io.tidemark.ingest.Source} is what an engine implements,
 * {@link io.tidemark.ingest.IngestWorker} drives it. Nothing here may be shaped after one engine.
 */
@NullMarked
package io.tidemark.ingest;

import org.jspecify.annotations.NullMarked;

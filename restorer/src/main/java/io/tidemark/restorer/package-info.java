/**
 * From the repository into a database. {@link io.tidemark.restorer.Restore} does it, {@link io.tidemark.restorer.Target}
 * is what an engine implements. Needs no Kafka, no registry and no source.
 */
@NullMarked
package io.tidemark.restorer;

import org.jspecify.annotations.NullMarked;

/**
 * PostgreSQL as a source: initial copy on an exported snapshot, then the pgoutput protocol. Entry point is
 * {@link io.tidemark.ingest.postgres.PostgresProvider}. Values stay the server's own text.
 */
@NullMarked
package io.tidemark.ingest.postgres;

import org.jspecify.annotations.NullMarked;

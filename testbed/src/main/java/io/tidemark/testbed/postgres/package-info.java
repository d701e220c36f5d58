/** Servers of PostgreSQL. Entry point: {@link io.tidemark.testbed.postgres.PostgresServer}. */
@org.jspecify.annotations.NullMarked
package io.tidemark.testbed.postgres;

/**
 * The repository: names of its objects, how they are put and read whole, and its identity. Entry point is
 * {@link io.tidemark.repository.Repository}. Must not know Kafka or any database.
 */
@NullMarked
package io.tidemark.repository;

import org.jspecify.annotations.NullMarked;

/**
 * The append-only, hash-chained list of commits that alone says what the backup consists of. Entry point is
 * {@link io.tidemark.repository.catalog.Catalog}.
 */
@NullMarked
package io.tidemark.repository.catalog;

import org.jspecify.annotations.NullMarked;

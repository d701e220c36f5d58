/**
 * Merging versions of rows, by key, while streaming. Entry point is {@link io.tidemark.merge.ChangeMerger}. Must not
 * know where the result goes.
 */
@NullMarked
package io.tidemark.merge;

import org.jspecify.annotations.NullMarked;

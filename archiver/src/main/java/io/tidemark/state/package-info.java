/**
 * What the repository holds as a whole: which objects make up the state at a position, whether all are sound, how old
 * they were when they came. Entry point is
 * {@link io.tidemark.state.RepositoryState}. Must not know what is done with the state.
 */
@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;

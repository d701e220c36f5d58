/**
 * Which objects make up the state at a position: the newest snapshot before it and the segments since. Entry point is
 * {@link io.tidemark.repository.state.RepositoryState}. Must not know what is done with the state.
 */
@NullMarked
package io.tidemark.repository.state;

import org.jspecify.annotations.NullMarked;

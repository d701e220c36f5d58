/**
 * Where bytes lie: the object store interface and its implementations. Must not know what the bytes mean.
 */
@NullMarked
package io.tidemark.repository.store;

import org.jspecify.annotations.NullMarked;

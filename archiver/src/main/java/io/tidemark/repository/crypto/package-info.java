/**
 * Authenticated encryption of objects and the keys for it. Must not know where objects lie or what they hold.
 */
@NullMarked
package io.tidemark.repository.crypto;

import org.jspecify.annotations.NullMarked;

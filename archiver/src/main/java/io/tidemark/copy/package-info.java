/**
 * Copies of whole repositories, commit by commit: {@link io.tidemark.copy.RepositoryCopy}. Knows no database and deletes
 * nothing of the repository it copies from.
 */
@NullMarked
package io.tidemark.copy;

import org.jspecify.annotations.NullMarked;

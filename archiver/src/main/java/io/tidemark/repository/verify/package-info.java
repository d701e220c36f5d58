/** Reading a repository from end to end to see that it is whole. Changes nothing. */
@NullMarked
package io.tidemark.repository.verify;

import org.jspecify.annotations.NullMarked;

/** Restores into MariaDB and MySQL. */
@NullMarked
package io.tidemark.restorer.mysql;

import org.jspecify.annotations.NullMarked;

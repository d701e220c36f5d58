/** Restores into MariaDB. */
@NullMarked
package io.tidemark.restorer.mariadb;

import org.jspecify.annotations.NullMarked;

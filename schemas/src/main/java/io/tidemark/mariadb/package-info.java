/**
 * What both sides of a MariaDB backup share: addresses, connections, names, places in the binary log, and how the values
 * of each column type are kept.
 */
@NullMarked
package io.tidemark.mariadb;

import org.jspecify.annotations.NullMarked;

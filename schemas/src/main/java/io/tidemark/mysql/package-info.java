/**
 * What both sides of a backup of MariaDB or MySQL share: addresses, connections, names, places in the binary log, and how
 * the values of each column type are kept. The package has its name from the language that both speak.
 */
@NullMarked
package io.tidemark.mysql;

import org.jspecify.annotations.NullMarked;

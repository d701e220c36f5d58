/**
 * What reading from and writing to PostgreSQL have in common: addresses, connections, LSNs, quoting. Must not know what
 * is read or written.
 */
@NullMarked
package io.tidemark.postgres;

import org.jspecify.annotations.NullMarked;

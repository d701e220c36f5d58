/**
 * The words Tidemark is made of, as immutable values: positions, transactions, collections, rows and errors.
 * Knows no database, no Kafka and no storage.
 */
@NullMarked
package io.tidemark.model;

import org.jspecify.annotations.NullMarked;

/**
 * Choosing the transaction to restore to, from the catalog and the segments' lists of transactions. Pure: reads, never
 * writes, and knows no target.
 */
@NullMarked
package io.tidemark.restorer.plan;

import org.jspecify.annotations.NullMarked;

package io.tidemark.model;

/**
 * The end of one transaction of a source, which is the only kind of place a restore can end at.
 *
 * @param at where the transaction's last record stands in the change log
 * @param committedAtMicros the source's commit time, in µs since 1970 UTC
 * @param id the source's own name of the transaction (PostgreSQL: xid)
 * @param coordinate the source's own place of the commit (PostgreSQL: LSN of the commit record)
 */
public record TransactionEnd(Position at, long committedAtMicros, String id, String coordinate) {}

package io.tidemark.plan;

import io.tidemark.model.Position;

/**
 * Tells that the archiver committed something to the catalog. A wrong or repeated announcement does no harm: the
 * catalog alone is the truth.
 *
 * @param source whose
 * @param kind what was committed
 * @param after the offset behind which a segment begins; for a snapshot that of its end
 * @param at the position the commit reaches
 * @param bytes size of the stretch in the change log, 0 for snapshots
 * @param restorable whether the epoch's initial copy is complete in the repository
 * @param committedAtMicros when, µs since 1970 UTC, by the archiver's clock
 */
public record Announcement(
        String source, Kind kind, long after, Position at, long bytes, boolean restorable, long committedAtMicros) {
    /** What was committed. */
    public enum Kind {
        /** A segment, or a stretch without changes. */
        SEGMENT,
        /** A full snapshot. */
        SNAPSHOT
    }
}

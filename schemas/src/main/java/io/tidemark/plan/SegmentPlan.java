package io.tidemark.plan;

import java.util.List;

/**
 * An order to the archiver to put one stretch of a change log into the repository.
 *
 * @param source whose change log
 * @param stretch what to archive
 * @param reason why the segment was cut here
 * @param idle whether the stretch holds no changes, no schema and no epoch's beginning: then only the horizon moves and no
 *     object is written
 * @param seals ids of the requests that this cut answers
 */
public record SegmentPlan(String source, Stretch stretch, Reason reason, boolean idle, List<String> seals) {
    public SegmentPlan {
        seals = List.copyOf(seals);
    }

    /** Why a segment was cut. */
    public enum Reason {
        /** It reached the configured size. */
        SIZE,
        /** Its oldest change reached the configured age. */
        AGE,
        /** Somebody asked for it. */
        REQUEST,
        /** A new epoch began behind it. */
        EPOCH
    }
}

package io.tidemark.plan;

/**
 * An order to the archiver to merge what is archived of one stretch of a change log into one run.
 *
 * @param source whose change log
 * @param epoch the epoch
 * @param after the offset before the first record
 * @param through the offset of the last record
 */
public record CompactionPlan(String source, int epoch, long after, long through) {
    public CompactionPlan {
        if (through <= after) {
            throw new IllegalArgumentException("an empty stretch: (" + after + ", " + through + "]");
        }
    }
}

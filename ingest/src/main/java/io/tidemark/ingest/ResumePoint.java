package io.tidemark.ingest;

/**
 * Where a change log ends, as its last record tells it.
 *
 * @param epoch the log's newest epoch
 * @param coordinate of the last transaction in the log
 * @param resume where the source goes on; empty if the initial copy was not finished
 * @param nextIndex how many changes of that transaction are in the log
 * @param complete whether that transaction is complete
 */
public record ResumePoint(int epoch, String coordinate, String resume, long nextIndex, boolean complete) {
    /** Whether the initial copy of the epoch is complete in the log. */
    public boolean isCopied() {
        return !resume.isEmpty();
    }
}

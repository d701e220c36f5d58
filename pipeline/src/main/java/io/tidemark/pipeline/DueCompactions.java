package io.tidemark.pipeline;

import io.tidemark.plan.CompactionPlan;
import io.tidemark.plan.Stretch;
import java.util.List;

/**
 * Plans compactions from what is archived alone, by the rules of the planner that follows announcements: for where that
 * does not run, or those who would carry out its plans could not read rows.
 *
 * @param fanIn how many pieces of one tier become one of the next
 * @param maxBytes of log in the largest run
 * @param segmentBytes of log in the largest segment
 */
public record DueCompactions(int fanIn, long maxBytes, long segmentBytes) {
    /** A segment, a run, or a stretch without changes. */
    public record Piece(Stretch stretch, boolean isRun) {}

    /**
     * What is to be done, in this order.
     *
     * @param pieces of one epoch, without a hole
     * @param snapshot the offset of its last snapshot; -1 if there is none
     */
    public List<CompactionPlan> of(String source, List<Piece> pieces, long snapshot) {
        List<OpenTiers.Piece> open = pieces.stream().map(this::piece).toList();
        return OpenTiers.due(open, snapshot, fanIn, maxBytes).stream()
                .map(due -> new CompactionPlan(source, due.epoch(), due.after(), due.through()))
                .toList();
    }

    private OpenTiers.Piece piece(Piece piece) {
        Stretch stretch = piece.stretch();
        int tier = piece.isRun() ? tier(stretch.bytes()) : 0;
        return new OpenTiers.Piece(stretch.epoch(), stretch.after(), stretch.through(), stretch.bytes(), tier);
    }

    /** A run does not know how often it was merged; its size tells. */
    private int tier(long bytes) {
        int tier = 1;
        for (double size = (double) segmentBytes * fanIn; size < bytes; size *= fanIn) {
            tier++;
        }
        return tier;
    }
}

package io.tidemark.pipeline;

import io.tidemark.plan.Announcement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The segments and runs of an epoch that may still be merged: tiered compaction. As many pieces of one tier as fit together,
 * when they follow each other without a hole, become one piece of the next tier. A snapshot ends all tiers, since no
 * restore reads over it: what is left before it becomes as few runs as possible. Immutable.
 *
 * @param pieces by position
 */
record OpenTiers(List<Piece> pieces) {
    static final OpenTiers EMPTY = new OpenTiers(List.of());

    /** An announcement that never came leaves a hole; behind so many pieces nobody waits for it any more. */
    private static final int MAX_PIECES = 1_000;

    OpenTiers {
        pieces = List.copyOf(pieces);
    }

    /**
     * A stretch that is archived in one piece, or will be.
     *
     * @param bytes of log
     * @param tier 0 for a segment
     */
    record Piece(int epoch, long after, long through, long bytes, int tier) {
        private boolean overlaps(Piece other) {
            return other.after < through && other.through > after;
        }
    }

    /** The next state, and the pieces that are to be made. */
    record Step(OpenTiers next, List<Piece> planned) {}

    /** Takes in an announcement. */
    Step with(Announcement announcement, int fanIn, long maxBytes) {
        int epoch = announcement.at().epoch();
        List<Piece> open = new ArrayList<>(pieces);
        List<Piece> planned = new ArrayList<>();
        if (!open.isEmpty() && open.get(0).epoch() > epoch) {
            return new Step(this, List.of());
        }
        if (!open.isEmpty() && open.get(0).epoch() < epoch) {
            close(open, Long.MAX_VALUE, maxBytes, planned);
        }
        switch (announcement.kind()) {
            case SNAPSHOT -> close(open, announcement.at().offset(), maxBytes, planned);
            case SEGMENT -> {
                Piece segment =
                        new Piece(epoch, announcement.after(), announcement.at().offset(), announcement.bytes(), 0);
                // An initial copy is merged as a whole into the snapshot that follows it.
                if (announcement.restorable() && open.stream().noneMatch(segment::overlaps)) {
                    open.add(segment);
                    open.sort(Comparator.comparingLong(Piece::after));
                }
                collapse(open, fanIn, maxBytes, planned);
            }
        }
        return new Step(new OpenTiers(open.subList(Math.max(0, open.size() - MAX_PIECES), open.size())), planned);
    }

    /** What is to be made of pieces whose announcements nobody followed, when the last snapshot ends at an offset. */
    static List<Piece> due(List<Piece> pieces, long snapshot, int fanIn, long maxBytes) {
        List<Piece> open = new ArrayList<>(pieces);
        List<Piece> planned = new ArrayList<>();
        close(open, snapshot, maxBytes, planned);
        collapse(open, fanIn, maxBytes, planned);
        return planned;
    }

    private static void collapse(List<Piece> open, int fanIn, long maxBytes, List<Piece> planned) {
        for (int from = 0; from + fanIn <= open.size(); from++) {
            List<Piece> group = open.subList(from, from + fanIn);
            if (!isOneTierWithoutHole(group)) {
                continue;
            }
            if (bytes(group) > maxBytes) {
                // Large enough; what is before it is older and will not grow any more either.
                open.subList(0, from + 1).clear();
            } else {
                Piece merged = join(group);
                group.clear();
                open.add(from, merged);
                planned.add(merged);
            }
            from = -1;
        }
    }

    private static boolean isOneTierWithoutHole(List<Piece> group) {
        for (int i = 1; i < group.size(); i++) {
            if (group.get(i).after() != group.get(i - 1).through()
                    || group.get(i).tier() != group.get(0).tier()) {
                return false;
            }
        }
        return true;
    }

    private static long bytes(List<Piece> group) {
        return group.stream().mapToLong(Piece::bytes).sum();
    }

    private static Piece join(List<Piece> group) {
        Piece first = group.get(0);
        long through = group.get(group.size() - 1).through();
        return new Piece(first.epoch(), first.after(), through, bytes(group), first.tier() + 1);
    }

    /** Takes out everything that begins before the offset, in groups as large as may be. */
    private static void close(List<Piece> open, long before, long maxBytes, List<Piece> planned) {
        List<Piece> group = new ArrayList<>();
        while (!open.isEmpty() && open.get(0).after() < before) {
            Piece next = open.remove(0);
            boolean fits = group.isEmpty()
                    || (group.get(group.size() - 1).through() == next.after()
                            && bytes(group) + next.bytes() <= maxBytes);
            if (!fits) {
                plan(group, planned);
                group.clear();
            }
            group.add(next);
        }
        plan(group, planned);
    }

    private static void plan(List<Piece> group, List<Piece> planned) {
        if (group.size() > 1) {
            planned.add(join(group));
        }
    }
}

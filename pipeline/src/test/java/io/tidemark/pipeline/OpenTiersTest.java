package io.tidemark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.model.Position;
import io.tidemark.pipeline.OpenTiers.Piece;
import io.tidemark.plan.Announcement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Which segments become runs: as many of a tier as were asked for, never over a hole, an epoch or a snapshot. */
class OpenTiersTest {
    private static final int FAN_IN = 3;
    private static final long MAX_BYTES = 1_000;

    private OpenTiers tiers = OpenTiers.EMPTY;
    private final List<Piece> planned = new ArrayList<>();

    private void segment(int epoch, long after, long through, long bytes) {
        take(new Announcement("s", Announcement.Kind.SEGMENT, after, new Position(epoch, through), bytes, true, 0));
    }

    private void snapshot(int epoch, long offset) {
        take(new Announcement("s", Announcement.Kind.SNAPSHOT, offset, new Position(epoch, offset), 0, true, 0));
    }

    private void take(Announcement announcement) {
        OpenTiers.Step step = tiers.with(announcement, FAN_IN, MAX_BYTES);
        tiers = step.next();
        planned.addAll(step.planned());
    }

    @Test
    void threeSegmentsBecomeARunAndThreeRunsALongerOne() {
        for (int i = 0; i < 9; i++) {
            segment(0, i * 10 - 1, i * 10 + 9, 10);
        }

        assertThat(planned)
                .extracting(Piece::after, Piece::through, Piece::tier)
                .containsExactly(tuple(-1L, 29L, 1), tuple(29L, 59L, 1), tuple(59L, 89L, 1), tuple(-1L, 89L, 2));
        assertThat(tiers.pieces()).hasSize(1);
    }

    /** They would be written again for nothing: a snapshot of all of them follows. */
    @Test
    void segmentsOfAnInitialCopyAreLeftToTheSnapshotBehindIt() {
        for (int i = 0; i < 9; i++) {
            Position at = new Position(0, i * 10 + 9);
            take(new Announcement("s", Announcement.Kind.SEGMENT, i * 10 - 1, at, 10, false, 0));
        }
        segment(0, 89, 99, 10);
        snapshot(0, 95);
        for (int i = 10; i < 13; i++) {
            segment(0, i * 10 - 1, i * 10 + 9, 10);
        }

        assertThat(planned).extracting(Piece::after, Piece::through).containsExactly(tuple(99L, 129L));
    }

    @Test
    void noRunGoesOverAHoleUntilItIsFilled() {
        segment(0, -1, 9, 10);
        segment(0, 19, 29, 10);
        segment(0, 29, 39, 10);
        assertThat(planned).isEmpty();

        segment(0, 9, 19, 10);

        assertThat(planned).hasSize(1);
        assertThat(planned.get(0).through()).isEqualTo(29);
    }

    @Test
    void aSnapshotEndsAllTiers() {
        segment(0, -1, 9, 10);
        segment(0, 9, 19, 10);
        snapshot(0, 17);
        segment(0, 19, 29, 10);

        assertThat(planned).extracting(Piece::after, Piece::through).containsExactly(tuple(-1L, 19L));
        assertThat(tiers.pieces()).hasSize(1);
    }

    @Test
    void anAnnouncementThatComesTwiceCountsOnce() {
        for (int i = 0; i < 3; i++) {
            segment(0, -1, 9, 10);
        }

        assertThat(planned).isEmpty();
        assertThat(tiers.pieces()).hasSize(1);
    }

    @Test
    void aNewEpochLeavesNothingOfTheOldOneBehind() {
        segment(0, -1, 9, 10);
        segment(0, 9, 19, 10);
        segment(1, 25, 30, 10);
        segment(0, 19, 25, 10);

        assertThat(planned).hasSize(1);
        assertThat(tiers.pieces()).extracting(Piece::epoch).containsExactly(1);
    }

    /** Whatever order announcements come in, no run is larger than allowed and none overlaps another but as its part. */
    @Property(tries = 300)
    void runsStayWithinBoundsInAnyOrder(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int count) {
        Random random = new Random(seed);
        List<Runnable> announcements = new ArrayList<>();
        long after = -1;
        for (int i = 0; i < count; i++) {
            long from = after;
            long through = after + 1 + random.nextInt(10);
            long bytes = random.nextInt(500);
            announcements.add(() -> segment(0, from, through, bytes));
            if (random.nextInt(20) == 0) {
                announcements.add(() -> snapshot(0, through));
            }
            after = through;
        }
        for (int i = 0; i + 1 < announcements.size(); i++) {
            if (random.nextInt(5) == 0) {
                Collections.swap(announcements, i, i + 1);
            }
        }
        tiers = OpenTiers.EMPTY;
        planned.clear();
        announcements.forEach(Runnable::run);

        for (Piece one : planned) {
            assertThat(one.bytes()).isLessThanOrEqualTo(MAX_BYTES);
            for (Piece other : planned) {
                boolean apart = one.through() <= other.after() || other.through() <= one.after();
                boolean nested = (one.after() <= other.after() && one.through() >= other.through())
                        || (other.after() <= one.after() && other.through() >= one.through());
                assertThat(apart || nested).as("%s and %s", one, other).isTrue();
            }
        }
        assertThat(tiers.pieces().size()).isLessThanOrEqualTo(1_000);
    }
}

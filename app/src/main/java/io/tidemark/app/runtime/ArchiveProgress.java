package io.tidemark.app.runtime;

import io.tidemark.model.GrowingPause;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.restorer.plan.Timeline;
import java.time.Duration;
import java.util.List;

/** Waits for the archiver. */
public final class ArchiveProgress {
    private ArchiveProgress() {}

    /**
     * Waits until everything before a moment of the source's clock is archived.
     *
     * @param untilMicros µs since 1970 UTC, as {@code Source.requestSeal} gives it
     * @throws TidemarkException of kind PERMANENT if that takes longer than {@code patience}
     */
    public static void await(Catalog catalog, String source, long untilMicros, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        GrowingPause pause = new GrowingPause(Duration.ofMillis(20), Duration.ofMillis(500));
        while (!isComplete(catalog, source, untilMicros)) {
            if (System.nanoTime() > deadline) {
                throw TidemarkException.permanent("the changes of " + source + " did not reach the repository in "
                        + patience.toSeconds()
                        + " s; is 'tidemark run' running? 'tidemark status' tells how far it is");
            }
            Thread.sleep(pause.next().toMillis());
            catalog.refresh();
        }
    }

    private static boolean isComplete(Catalog catalog, String source, long untilMicros) {
        List<Timeline.Range> ranges = Timeline.of(catalog.history(source)).ranges();
        return !ranges.isEmpty() && ranges.get(ranges.size() - 1).completeUntilMicros() > untilMicros;
    }
}

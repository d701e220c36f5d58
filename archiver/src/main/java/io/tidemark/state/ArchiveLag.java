package io.tidemark.state;

import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.SectionFile;
import java.time.Duration;

/**
 * How long transactions took from their commit in the source to the catalog commit that made them restorable, by the two
 * machines' clocks. A histogram of milliseconds up to ten minutes; its size is fixed. Not thread-safe.
 */
public final class ArchiveLag {
    private static final int MAX_MILLIS = 600_000;

    private final int[] counts = new int[MAX_MILLIS + 1];
    private long total;

    private ArchiveLag() {}

    /** Measures the transactions in the segments of an epoch that committed after a moment. */
    public static ArchiveLag of(Repository repository, SourceHistory history, int epoch, long afterMicros) {
        ArchiveLag lag = new ArchiveLag();
        for (Archived archived : history.archived(epoch)) {
            // A run is younger than what it was merged of.
            boolean late =
                    !archived.isRun() && archived.stretch().lastCommitMicros().orElse(Long.MIN_VALUE) > afterMicros;
            archived.object()
                    .filter(ref -> late)
                    .ifPresent(ref -> SectionFile.open(repository, ref).transactions(end -> {
                        if (end.committedAtMicros() > afterMicros) {
                            lag.add((archived.archivedAtMicros() - end.committedAtMicros()) / 1000);
                        }
                    }));
        }
        return lag;
    }

    private void add(long millis) {
        counts[(int) Math.min(MAX_MILLIS, Math.max(0, millis))]++;
        total++;
    }

    public long transactions() {
        return total;
    }

    /** The lag that this part of the transactions did not exceed; zero if there are none. */
    public Duration quantile(double part) {
        long wanted = (long) Math.ceil(total * part);
        long seen = 0;
        for (int millis = 0; millis <= MAX_MILLIS; millis++) {
            seen += counts[millis];
            if (seen >= wanted) {
                return Duration.ofMillis(millis);
            }
        }
        return Duration.ofMillis(MAX_MILLIS);
    }
}

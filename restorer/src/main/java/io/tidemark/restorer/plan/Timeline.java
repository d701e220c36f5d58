package io.tidemark.restorer.plan;

import io.tidemark.model.Micros;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.catalog.SourceHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The stretches of time to which a source can be restored, and the gaps between them.
 *
 * @param ranges oldest first; between two of them is a gap
 */
public record Timeline(List<Range> ranges) {
    public Timeline {
        ranges = List.copyOf(ranges);
    }

    /**
     * One epoch's restorable moments.
     *
     * @param reason why the epoch was begun, and with it why nothing was captured before it
     * @param first the end of the initial copy
     * @param last the newest transaction that is archived
     * @param completeUntilMicros every moment before this one can be restored, µs since 1970 UTC
     * @param transactions how many are archived, heartbeats among them
     * @param changes how many are archived
     */
    public record Range(
            int epoch,
            String reason,
            TransactionEnd first,
            TransactionEnd last,
            long completeUntilMicros,
            long transactions,
            long changes) {
        public Instant from() {
            return Micros.toInstant(first.committedAtMicros());
        }

        public Instant until() {
            return Micros.toInstant(completeUntilMicros);
        }
    }

    /** What the catalog says. */
    public static Timeline of(SourceHistory history) {
        List<Range> ranges = new ArrayList<>();
        for (int epoch : history.epochs()) {
            range(history, epoch).ifPresent(ranges::add);
        }
        return new Timeline(ranges);
    }

    private static Optional<Range> range(SourceHistory history, int epoch) {
        Optional<TransactionEnd> first = Optional.empty();
        Optional<TransactionEnd> last = Optional.empty();
        long until = Long.MIN_VALUE;
        long transactions = 0;
        long changes = 0;
        for (SourceHistory.Archived archived : history.contiguous(epoch)) {
            transactions += archived.stretch().transactions();
            changes += archived.stretch().changes();
            if (first.isEmpty() && archived.stretch().copyEnd().isPresent()) {
                first = archived.stretch().copyEnd();
            }
            last = archived.stretch().lastEnd().or(lastSoFar(last));
            until = Math.max(until, archived.stretch().lastCommitMicros().orElse(until));
        }
        if (first.isEmpty() || last.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Range(epoch, history.reason(epoch), first.get(), last.get(), until, transactions, changes));
    }

    private static java.util.function.Supplier<Optional<TransactionEnd>> lastSoFar(Optional<TransactionEnd> last) {
        return () -> last;
    }

    /** The range of an epoch. */
    public Optional<Range> range(int epoch) {
        return ranges.stream().filter(r -> r.epoch() == epoch).findFirst();
    }
}

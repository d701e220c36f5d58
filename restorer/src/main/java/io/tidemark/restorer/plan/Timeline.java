package io.tidemark.restorer.plan;

import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The stretches of time to which a source can be restored, the gaps between them, and single moments besides.
 *
 * @param ranges oldest first; between two of them is a gap
 * @param snapshots those kept from before the ranges, oldest first: their ends are the only restorable moments there
 */
public record Timeline(List<Range> ranges, List<CatalogEntry.SnapshotAdded> snapshots) {
    public Timeline {
        ranges = List.copyOf(ranges);
        snapshots = List.copyOf(snapshots);
    }

    /**
     * One epoch's restorable moments.
     *
     * @param reason why the epoch was begun, and with it why nothing was captured before it
     * @param first the end of the initial copy, or of the snapshot that what is kept begins with
     * @param fromMicros the first restorable moment, µs since 1970 UTC
     * @param last the newest transaction that is archived
     * @param completeUntilMicros every moment before this one can be restored, µs since 1970 UTC
     * @param transactions how many are archived, heartbeats among them
     * @param changes how many are archived
     */
    public record Range(
            int epoch,
            String reason,
            TransactionEnd first,
            long fromMicros,
            TransactionEnd last,
            long completeUntilMicros,
            long transactions,
            long changes) {
        public Instant from() {
            return Micros.toInstant(fromMicros);
        }

        boolean holds(Position position) {
            return position.epoch() == epoch && position.compareTo(first.at()) >= 0;
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
        List<CatalogEntry.SnapshotAdded> alone = history.snapshots().stream()
                .filter(snapshot -> ranges.stream()
                        .noneMatch(range -> range.holds(snapshot.end().at())))
                .toList();
        return new Timeline(ranges, alone);
    }

    private static Optional<Range> range(SourceHistory history, int epoch) {
        List<Archived> pieces = history.contiguous(epoch);
        Optional<TransactionEnd> kept = history.floorSnapshot(epoch).map(CatalogEntry.SnapshotAdded::end);
        Optional<TransactionEnd> first = kept.or(() -> pieces.stream()
                .flatMap(archived -> archived.stretch().copyEnd().stream())
                .findFirst());
        boolean beginningIsGone = history.floor(epoch).isPresent() && kept.isEmpty();
        if (pieces.isEmpty() || first.isEmpty() || beginningIsGone) {
            return Optional.empty();
        }
        TransactionEnd last = first.get();
        long from = history.floor(epoch)
                .map(CatalogEntry.Floor::latestMicros)
                .orElse(first.get().committedAtMicros());
        long until = from;
        long transactions = 0;
        long changes = 0;
        for (Archived archived : pieces) {
            transactions += archived.stretch().transactions();
            changes += archived.stretch().changes();
            last = archived.stretch().lastEnd().orElse(last);
            until = Math.max(until, archived.stretch().lastCommitMicros().orElse(until));
        }
        return Optional.of(
                new Range(epoch, history.reason(epoch), first.get(), from, last, until, transactions, changes));
    }

    /** The range of an epoch. */
    public Optional<Range> range(int epoch) {
        return ranges.stream().filter(r -> r.epoch() == epoch).findFirst();
    }
}

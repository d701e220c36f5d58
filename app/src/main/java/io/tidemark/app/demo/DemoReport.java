package io.tidemark.app.demo;

import io.tidemark.model.Micros;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.RestorePlan;
import io.tidemark.restorer.RestoreResult;
import io.tidemark.restorer.plan.Timeline;
import io.tidemark.state.ArchiveLag;
import java.io.PrintStream;
import java.util.Locale;

/**
 * What a demonstration measured.
 *
 * @param tookSeconds the restore
 * @param transactions how many the load committed
 */
record DemoReport(
        Mistake mistake,
        Timeline.Range range,
        RestorePlan plan,
        RestoreResult result,
        double tookSeconds,
        long transactions) {
    /** Lag is told of the last seconds of what was restored. */
    private static final long LAG_OF_MICROS = 5_000_000;

    void print(Repository repository, SourceHistory history, PrintStream out) {
        out.println();
        out.println("  TIMELINE   restorable from " + range.from() + " until " + range.until());
        out.println("             the mistake came right after " + mistake.justBefore() + ", in transaction "
                + mistake.transaction());
        out.println("             restored to transaction " + plan.end().id() + ", committed "
                + Micros.toInstant(plan.end().committedAtMicros()));
        ArchiveLag lag = ArchiveLag.of(
                repository, history, plan.end().at().epoch(), plan.end().committedAtMicros() - LAG_OF_MICROS);
        out.printf(
                Locale.ROOT,
                "  LAG        commit to restorable: p50 %d ms, p99 %d ms over the last %d transactions of %d%n",
                lag.quantile(0.5).toMillis(),
                lag.quantile(0.99).toMillis(),
                lag.transactions(),
                transactions);
        out.printf(
                Locale.ROOT,
                "  SIZE       %,d bytes in %d segments, %,d bytes in the newest snapshot; %,d bytes of rows restored%n",
                history.segmentBytes(),
                segments(history),
                history.snapshots().stream()
                        .mapToLong(CatalogEntry.SnapshotAdded::bytes)
                        .reduce(0, (a, b) -> b),
                result.bytes());
        out.printf(
                Locale.ROOT,
                "  RESTORE    %,d rows in %.1f s, read from %d objects of %,d bytes; %,d lost rows are back%n",
                result.rows(),
                tookSeconds,
                plan.objects().size(),
                plan.objects().stream().mapToLong(ObjectRef::bytes).sum(),
                mistake.rowsLost());
    }

    private static long segments(SourceHistory history) {
        return history.epochs().stream()
                .flatMap(epoch -> history.contiguous(epoch).stream())
                .filter(archived -> archived.object().isPresent())
                .count();
    }
}

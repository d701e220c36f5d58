package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import io.tidemark.archiver.Compactor;
import io.tidemark.archiver.SnapshotBuilder;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Merging all segments of a history into one run, and the next snapshot after a few rows changed: speed, live heap, and
 * bytes written, at one and at ten times the data.
 */
final class CompactionBenchmark {
    private static final int ROWS = Integer.getInteger("compaction.rows", 100_000);
    private static final int UPDATES = 5;
    private static final AtomicLong PEAK = new AtomicLong();

    private CompactionBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        run(server, directory.resolve("one"), ROWS);
        run(server, directory.resolve("ten"), 10 * ROWS);
    }

    /** Collects now and then and notes what stays. */
    private static Thread sampler() {
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    System.gc();
                    PEAK.accumulateAndGet(
                            ManagementFactory.getMemoryMXBean()
                                    .getHeapMemoryUsage()
                                    .getUsed(),
                            Math::max);
                    Thread.sleep(300);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }

    private static void run(String server, Path directory, int rows) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench")
                .set("compaction.fan.in", "0")
                .set("segment.max.age", "1s")
                .set("audit.enabled", "false");
        bench.createDatabase("original");
        bench.execute(
                "original",
                "CREATE TABLE narrow (id bigint PRIMARY KEY, n int, t text, at timestamptz)",
                "INSERT INTO narrow SELECT i, i % 1000, 'some text of row ' || i, now() FROM generate_series(1, " + rows
                        + ") i");
        bench.addSource("original");
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
            for (int i = 0; i < UPDATES; i++) {
                bench.execute("original", "UPDATE narrow SET n = n + 1");
            }
            long expected = (long) rows * (UPDATES + 1);
            bench.await(history -> Workbench.changes(history) >= expected);
        }
        try (Repository repository = bench.repository()) {
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            compact(bench, repository, catalog, rows);
            snapshots(bench, repository, catalog);
        }
    }

    private static void compact(Workbench bench, Repository repository, Catalog catalog, int rows) throws Exception {
        List<Archived> pieces = catalog.history("bench").contiguous(0);
        long stored = pieces.stream()
                .flatMap(p -> p.object().stream())
                .mapToLong(ObjectRef::bytes)
                .sum();
        long log = pieces.stream().mapToLong(p -> p.stretch().bytes()).sum();
        System.gc();
        long idle = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        PEAK.set(0);
        Thread sampler = sampler();
        long started = System.nanoTime();
        CatalogEntry.RunAdded run = new Compactor(
                        repository, catalog, bench.directory().resolve("spool"), () -> false)
                .compact(new CompactionPlan(
                        "bench",
                        0,
                        pieces.get(0).stretch().after(),
                        pieces.get(pieces.size() - 1).stretch().through()))
                .orElseThrow();
        double seconds = (System.nanoTime() - started) / 1e9;
        sampler.interrupt();
        sampler.join();
        Workbench.print(
                "compaction of %,d changes in %d segments, %.0f MB stored, %.0f MB of log",
                (long) rows * (UPDATES + 1), pieces.size(), stored / 1e6, log / 1e6);
        Workbench.print(
                "  %.1f MB/s of log, %.0f changes/ms; the run has %.2f of the segments' bytes; live heap at most %d MB, of which %d MB before it began",
                log / 1e6 / seconds,
                rows * (UPDATES + 1) / seconds / 1e3,
                (double) run.object().orElseThrow().bytes() / stored,
                PEAK.get() >> 20,
                idle >> 20);
    }

    /** A whole snapshot, then one after 100 neighbouring rows changed. */
    private static void snapshots(Workbench bench, Repository repository, Catalog catalog) throws Exception {
        SnapshotBuilder builder =
                new SnapshotBuilder(repository, catalog, bench.directory().resolve("spool"), () -> false);
        long started = System.nanoTime();
        CatalogEntry.SnapshotAdded whole = builder.build("bench", (collection, rows, done, total) -> {});
        double seconds = (System.nanoTime() - started) / 1e9;
        Workbench.print(
                "  snapshot of %,d rows after every row changed: %.1f s, %.1f MB written",
                whole.rows(), seconds, whole.addedBytes() / 1e6);
        try (Service service = bench.start()) {
            bench.execute("original", "UPDATE narrow SET n = n + 1 WHERE id BETWEEN 100 AND 200");
            bench.await(history -> history.lastEnd()
                    .filter(end -> end.at().compareTo(whole.end().at()) > 0)
                    .isPresent());
            Thread.sleep(3_000);
        }
        started = System.nanoTime();
        CatalogEntry.SnapshotAdded next = builder.build("bench", (collection, rows, done, total) -> {});
        Workbench.print(
                "  snapshot after 101 rows changed: %.1f s, %.1f of %.1f MB written",
                (System.nanoTime() - started) / 1e9, next.addedBytes() / 1e6, next.bytes() / 1e6);
    }
}

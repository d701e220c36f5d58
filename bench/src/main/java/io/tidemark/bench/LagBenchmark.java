package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import io.tidemark.model.Micros;
import io.tidemark.postgres.Queries;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.state.ArchiveLag;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** From commit to catalog commit, under a steady load, with default settings and with young segments. */
final class LagBenchmark {
    private static final int PER_SECOND = 1_000;
    private static final int CONNECTIONS = 4;
    private static final int SECONDS = Integer.getInteger("lag.seconds", 30);

    private LagBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        measure(server, directory.resolve("lag-default"), "5s", 7);
        measure(server, directory.resolve("lag-1s"), "1s", 2);
    }

    private static void measure(String server, Path directory, String age, int wantedSeconds) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench").set("segment.max.age", age);
        bench.createDatabase("lag");
        bench.execute("lag", "CREATE TABLE t (id bigserial PRIMARY KEY, n int)");
        bench.addSource("lag");
        long afterMicros;
        try (Service service = bench.start()) {
            bench.await(history -> history.lastEnd().isPresent());
            load(bench, 5);
            afterMicros = Micros.of(Instant.now());
            load(bench, SECONDS);
        }
        SourceHistory history = bench.await(h -> true);
        try (Repository repository = bench.repository()) {
            ArchiveLag lag = ArchiveLag.of(repository, history, 0, afterMicros);
            Workbench.print(
                    "lag at %d tx/s, segment.max.age=%s: p50 %d ms, p99 %d ms, of %,d transactions (wanted p99 below %d s)",
                    PER_SECOND,
                    age,
                    lag.quantile(0.5).toMillis(),
                    lag.quantile(0.99).toMillis(),
                    lag.transactions(),
                    wantedSeconds);
        }
    }

    private static void load(Workbench bench, int seconds) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Thread thread = new Thread(() -> {
                try (Connection sql = bench.connections("lag").sql()) {
                    Queries.execute(sql, "SET search_path = public");
                    Queries.execute(sql, "SET synchronous_commit = off");
                    steady(sql, seconds);
                } catch (Exception e) {
                    throw new IllegalStateException("the load failed", e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void steady(Connection sql, int seconds) throws Exception {
        long interval = 1_000_000_000L * CONNECTIONS / PER_SECOND;
        long next = System.nanoTime();
        long end = next + seconds * 1_000_000_000L;
        try (PreparedStatement insert = sql.prepareStatement("INSERT INTO t (n) SELECT generate_series(1, 3)")) {
            while (next < end) {
                insert.execute();
                next += interval;
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
                }
            }
        }
    }
}

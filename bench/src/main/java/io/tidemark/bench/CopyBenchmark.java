package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import java.nio.file.Files;
import java.nio.file.Path;

/** The initial copy, into the change log and into catalogued segments, against psql's COPY out of the same rows. */
final class CopyBenchmark {
    private static final int ROWS = Integer.getInteger("copy.rows", 15_000_000);

    private CopyBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory.resolve("copy"), "bench");
        bench.createDatabase("copied");
        bench.execute(
                "copied",
                "CREATE TABLE narrow (id bigint PRIMARY KEY, n int, t text, at timestamptz)",
                "INSERT INTO narrow SELECT i, i % 1000, 'some text of row ' || i, now() FROM generate_series(1, " + ROWS
                        + ") i",
                "VACUUM ANALYZE narrow");
        Path file = bench.directory().resolve("peer.copy");
        Files.createDirectories(bench.directory());
        bench.shell("psql -q -d '" + bench.url("copied") + "' -c 'COPY narrow TO STDOUT' > /dev/null");
        double peer = bench.shell("psql -q -d '" + bench.url("copied") + "' -c 'COPY narrow TO STDOUT' > " + file);
        double megabytes = Files.size(file) / 1e6;
        bench.addSource("copied");
        double intoLog;
        double ours;
        try (Service service = bench.start()) {
            long started = System.nanoTime();
            // The stream begins when the copy is complete in the change log.
            while (bench.value("copied", "SELECT pid FROM pg_stat_replication WHERE state = 'streaming'")
                    .isEmpty()) {
                Thread.sleep(50);
            }
            intoLog = (System.nanoTime() - started) / 1e9;
            bench.await(history -> history.lastEnd().isPresent());
            ours = (System.nanoTime() - started) / 1e9;
        }
        Workbench.print("initial copy of %.0f MB, %,d rows", megabytes, ROWS);
        Workbench.print("  psql COPY out to a file       %.1f MB/s", megabytes / peer);
        Workbench.print(
                "  Tidemark, into the change log %.1f MB/s, ratio %.2f (wanted 0.5)",
                megabytes / intoLog, peer / intoLog);
        Workbench.print("  Tidemark, into the catalog    %.1f MB/s, ratio %.2f", megabytes / ours, peer / ours);
    }
}

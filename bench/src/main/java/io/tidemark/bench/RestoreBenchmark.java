package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Restore of a snapshot against psql's COPY FROM of the same rows and against pg_restore -j2, each with the primary key
 * built afterwards; and restore over 20 updates of each row against restore of a snapshot of the same rows.
 */
final class RestoreBenchmark {
    private static final int ROWS = Integer.getInteger("restore.rows", 3_000_000);
    private static final int CHANGED_ROWS = Integer.getInteger("restore.changed.rows", 200_000);
    private static final int UPDATES = 20;
    private static final String TABLE = "CREATE TABLE narrow (id bigint NOT NULL, n int, t text, at timestamptz)";
    private static final String KEY = "ALTER TABLE narrow ADD PRIMARY KEY (id)";

    private RestoreBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        snapshot(server, directory.resolve("restore"));
        history(server, directory.resolve("history"));
    }

    private static void fill(Workbench bench, int rows) throws Exception {
        bench.createDatabase("original");
        bench.execute(
                "original",
                TABLE,
                "INSERT INTO narrow SELECT i, i % 1000, 'some text of row ' || i, now() FROM generate_series(1, " + rows
                        + ") i",
                KEY);
        bench.addSource("original");
    }

    private static void snapshot(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench");
        fill(bench, ROWS);
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
        }
        Path copy = bench.directory().resolve("peer.copy");
        Path dump = bench.directory().resolve("peer.dump");
        bench.shell("psql -q -d '" + bench.url("original") + "' -c 'COPY narrow TO STDOUT' > " + copy);
        bench.shell("pg_dump -Fc -f " + dump + " -d '" + bench.url("original") + "'");
        double megabytes = Files.size(copy) / 1e6;

        bench.createDatabase("by_psql");
        double psql = bench.shell("psql -q -d '" + bench.url("by_psql") + "' -c '" + TABLE + "' -c '\\copy narrow from "
                + copy + "' -c '" + KEY + "' -c 'ANALYZE'");
        bench.createDatabase("by_pg_restore");
        double pgRestore = bench.shell("pg_restore -j2 -d '" + bench.url("by_pg_restore") + "' " + dump);
        bench.createDatabase("by_tidemark");
        double ours = restore(bench, "by_tidemark", "latest");
        Workbench.print("restore of %.0f MB, %,d rows, key and statistics included", megabytes, ROWS);
        Workbench.print("  psql COPY FROM    %.1f MB/s", megabytes / psql);
        Workbench.print("  pg_restore -j2    %.1f MB/s", megabytes / pgRestore);
        Workbench.print("  Tidemark          %.1f MB/s", megabytes / ours);
        Workbench.print("  ratio to psql     %.2f (wanted 0.8)", psql / ours);
        Workbench.print("  ratio to pg_restore %.2f", pgRestore / ours);
    }

    private static void history(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench").set("snapshot.after", "0");
        fill(bench, CHANGED_ROWS);
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
            for (int i = 0; i < UPDATES; i++) {
                bench.execute("original", "UPDATE narrow SET n = n + 1");
            }
            long expected = (long) CHANGED_ROWS * (UPDATES + 1);
            bench.await(history -> Workbench.changes(history) >= expected);
        }
        bench.createDatabase("over_history");
        double over = restore(bench, "over_history", "latest");
        bench.tidemark("create", "--offline");
        bench.createDatabase("of_snapshot");
        double of = restore(bench, "of_snapshot", "latest");
        Workbench.print("restore of %,d rows over %d updates each", CHANGED_ROWS, UPDATES);
        Workbench.print("  over the history  %.2f s", over);
        Workbench.print("  of a snapshot     %.2f s", of);
        Workbench.print("  ratio             %.2f (wanted at most 1.5)", over / of);
    }

    private static double restore(Workbench bench, String database, String to) {
        return bench.tidemark("restore", "--target", bench.url(database), "--to", to);
    }
}

package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Bytes stored for a database and for changes to it, beside pgBackRest (a full backup and WAL, both zst). Needs {@code
 * bench/run.sh}, which sets up the server's archiving.
 */
final class StorageBenchmark {
    private static final int ROWS = Integer.getInteger("storage.rows", 2_000_000);
    private static final int ROUNDS = 10;
    private static final double GB = 1e9;

    private StorageBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        String pgBackRest = System.getenv("BENCH_PGBACKREST");
        if (pgBackRest == null || pgBackRest.isEmpty()) {
            Workbench.print("storage: skipped, pgbackrest is not installed");
            return;
        }
        Path peer = Path.of(System.getenv("BENCH_PGBACKREST_REPOSITORY"));
        Workbench bench = new Workbench(server, directory.resolve("storage"), "bench").set("audit.enabled", "false");
        bench.shell(pgBackRest + " stanza-create");
        bench.createDatabase("original");
        bench.execute(
                "original",
                "CREATE TABLE narrow (id bigint PRIMARY KEY, n int, t text, at timestamptz)",
                "INSERT INTO narrow SELECT i, i % 1000, md5(i::text), now() FROM generate_series(1, " + ROWS + ") i",
                "CHECKPOINT");
        double sourceGb = Double.parseDouble(bench.value("original", "SELECT pg_database_size('original')::text")) / GB;
        bench.addSource("original");
        Path repository = bench.directory().resolve("repo");
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
            bench.tidemark("prune", "--pitr-window", "0s", "--grace", "0s");
            bench.tidemark("prune", "--pitr-window", "0s", "--grace", "0s");
            double ours = bytes(repository) / GB;
            long peerBefore = bytes(peer);
            bench.shell(pgBackRest + " backup --type=full");
            double theirs = (bytes(peer) - peerBefore) / GB;

            String from = bench.value("original", "SELECT pg_current_wal_lsn()::text");
            double oursBefore = bytes(repository) / GB;
            double theirsBefore = bytes(peer) / GB;
            for (int i = 0; i < ROUNDS; i++) {
                bench.execute(
                        "original",
                        "UPDATE narrow SET n = n + 1, t = md5(random()::text) WHERE id % " + ROUNDS + " = " + i);
            }
            double walGb = Double.parseDouble(bench.value(
                            "original", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '" + from + "')::text"))
                    / GB;
            bench.value("original", "SELECT pg_switch_wal()::text");
            bench.await(history -> Workbench.changes(history) >= ROWS);
            bench.shell(pgBackRest + " check");
            double oursChurn = bytes(repository) / GB - oursBefore;
            double theirsChurn = bytes(peer) / GB - theirsBefore;
            Workbench.print(
                    "storage: a database of %.2f GB, then %,d rows updated, %.2f GB of WAL", sourceGb, ROWS, walGb);
            Workbench.print(
                    "  per GB of source: Tidemark %.3f GB, pgBackRest %.3f GB, ratio %.2f",
                    ours / sourceGb, theirs / sourceGb, ours / theirs);
            Workbench.print(
                    "  per GB of WAL:    Tidemark %.3f GB, pgBackRest %.3f GB, ratio %.2f",
                    oursChurn / walGb, theirsChurn / walGb, oursChurn / theirsChurn);
        }
    }

    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}

package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import io.tidemark.mysql.ServerAddress;
import io.tidemark.mysql.ServerConnections;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * MariaDB: a backlog of binary log, 100 narrow rows a transaction, into catalogued segments, against Debezium's own
 * connector with a consumer that does nothing; and restores of the same rows in one table and in four, against {@code mariadb}
 * reading the dump.
 */
final class MariaDbBenchmark {
    private static final int ROWS = Integer.getInteger("rows", 3_000_000);
    private static final int ROWS_PER_TRANSACTION = 100;
    private static final int ROUNDS = 3;
    private static final String COLUMNS = " (id bigint PRIMARY KEY, n int, t varchar(40), KEY (n))";
    private static final String TABLE = "CREATE TABLE narrow" + COLUMNS;

    private MariaDbBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        capture(server, directory.resolve("capture"));
        restore(server, directory.resolve("restore"), 1);
        restore(server, directory.resolve("restore4"), 4);
    }

    private static void execute(Workbench bench, String database, String... statements) throws SQLException {
        try (Connection sql = new ServerConnections(bench.url(database), Optional.empty()).server()) {
            for (String statement : statements) {
                ServerConnections.execute(sql, statement);
            }
        }
    }

    private static void capture(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench").set("audit.enabled", "false");
        execute(bench, "capture", "DROP DATABASE IF EXISTS capture", "CREATE DATABASE capture", "USE capture", TABLE);
        bench.addSource("capture");
        try (Service service = bench.start()) {
            bench.await(history -> history.lastEnd().isPresent());
        }
        Map<String, String> peer = peer(ServerAddress.parse(bench.url("capture")), directory);
        // Its first run notes where the backlog will begin.
        DebeziumPeer.drain(peer, 0);
        execute(
                bench,
                "capture",
                "USE capture",
                "CREATE PROCEDURE fill() BEGIN FOR i IN 0.." + (ROWS / ROWS_PER_TRANSACTION - 1)
                        + " DO INSERT INTO narrow SELECT i * " + ROWS_PER_TRANSACTION
                        + " + seq, seq, concat('row ', seq) FROM seq_1_to_" + ROWS_PER_TRANSACTION + "; END FOR; END",
                "CALL fill()");
        double debezium = DebeziumPeer.drain(peer, ROWS);
        double ours;
        try (Service service = bench.start()) {
            long running = System.nanoTime();
            bench.await(history -> Workbench.changes(history) >= ROWS);
            ours = (System.nanoTime() - running) / 1e9;
        }
        Workbench.print("MariaDB: capture of %,d rows, %d a transaction", ROWS, ROWS_PER_TRANSACTION);
        Workbench.print("  Debezium's connector, no-op           %,9.0f rows/s", ROWS / debezium);
        Workbench.print("  Tidemark, into the catalog            %,9.0f rows/s", ROWS / ours);
        Workbench.print("  ratio                                 %.2f (wanted 0.9)", debezium / ours);
    }

    private static Map<String, String> peer(ServerAddress address, Path directory) {
        return Map.ofEntries(
                Map.entry("connector.class", "io.debezium.connector.mariadb.MariaDbConnector"),
                Map.entry("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore"),
                Map.entry(
                        "offset.storage.file.filename",
                        directory.resolve("peer.offsets").toString()),
                Map.entry("offset.flush.interval.ms", "0"),
                // Something must come for the first run to end.
                Map.entry("heartbeat.interval.ms", "500"),
                Map.entry("schema.history.internal", "io.debezium.storage.file.history.FileSchemaHistory"),
                Map.entry(
                        "schema.history.internal.file.filename",
                        directory.resolve("peer.history").toString()),
                Map.entry("database.hostname", address.host()),
                Map.entry("database.port", Integer.toString(address.port())),
                Map.entry("database.user", address.user()),
                Map.entry("database.password", ""),
                Map.entry("database.server.id", "4711"),
                Map.entry("database.ssl.mode", "disable"),
                Map.entry("database.include.list", "capture"),
                Map.entry("table.include.list", "capture.narrow"),
                Map.entry("include.schema.changes", "false"),
                Map.entry("snapshot.mode", "no_data"));
    }

    private static void restore(String server, Path directory, int tables) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench");
        execute(bench, "original", "DROP DATABASE IF EXISTS original", "CREATE DATABASE original");
        for (int i = 0; i < tables; i++) {
            execute(
                    bench,
                    "original",
                    "USE original",
                    "CREATE TABLE narrow" + i + COLUMNS,
                    "INSERT INTO narrow" + i
                            + " SELECT seq, seq % 1000, concat('some text of row ', seq) FROM seq_1_to_"
                            + ROWS / tables);
        }
        bench.addSource("original");
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
        }
        ServerAddress address = ServerAddress.parse(bench.url("original"));
        String client = " --no-defaults --host=" + address.host() + " --port=" + address.port() + " --user=root ";
        Path dump = directory.resolve("peer.sql");
        bench.shell("mariadb-dump" + client + "original > " + dump);
        double megabytes = Files.size(dump) / 1e6;
        double[] peer = new double[ROUNDS];
        double[] ours = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            peer[round] = fill(bench, "by_mariadb", () -> bench.shell("mariadb" + client + "by_mariadb < " + dump));
            ours[round] =
                    fill(bench, "by_tidemark", () -> bench.tidemark("restore", "--target", bench.url("by_tidemark")));
        }
        Workbench.print(
                "MariaDB: restore of %,d rows in %d table(s), a dump of %.0f MB, a secondary index each",
                ROWS, tables, megabytes);
        Workbench.print("  mariadb reading the dump  %.1f s", median(peer));
        Workbench.print("  Tidemark                  %.1f s", median(ours));
        Workbench.print(
                "  ratio                     %.2f (wanted 2.0), medians of %d rounds",
                median(peer) / median(ours), ROUNDS);
    }

    /** Fills a new database once the server is done with what it does behind what came before: purging what was written. */
    private static double fill(Workbench bench, String database, Callable<Double> filling) throws Exception {
        execute(bench, "none", "DROP DATABASE IF EXISTS by_mariadb", "DROP DATABASE IF EXISTS by_tidemark");
        execute(bench, database, "CREATE DATABASE " + database);
        try (Connection sql = new ServerConnections(bench.url(database), Optional.empty()).server()) {
            while (!ServerConnections.value(
                            sql,
                            "SELECT variable_value FROM information_schema.global_status "
                                    + "WHERE variable_name = 'INNODB_HISTORY_LIST_LENGTH'")
                    .equals(Optional.of("0"))) {
                Thread.sleep(100);
            }
        }
        return filling.call();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}

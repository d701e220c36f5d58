package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import java.nio.file.Path;
import java.util.List;

/**
 * A backlog of log, 100 narrow rows a transaction, into durable, catalogued segments; against pg_recvlogical writing the
 * same backlog to a file, and the Debezium engine with a consumer that does nothing.
 */
final class CaptureBenchmark {
    private static final int ROWS = Integer.getInteger("rows", 1_000_000);
    private static final int ROWS_PER_TRANSACTION = 100;

    private CaptureBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory.resolve("capture"), "bench").set("audit.enabled", "false");
        Workbench audited = new Workbench(server, directory.resolve("audited"), "audited");
        bench.createDatabase("capture");
        bench.execute("capture", "CREATE TABLE narrow (id bigint PRIMARY KEY, n int, t text)");
        for (Workbench each : List.of(bench, audited)) {
            each.addSource("capture");
            try (Service service = each.start()) {
                each.await(history -> history.lastEnd().isPresent());
            }
        }
        bench.execute(
                "capture",
                "SELECT pg_create_logical_replication_slot('peer', 'pgoutput')",
                "SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')",
                "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 0.." + (ROWS / ROWS_PER_TRANSACTION - 1)
                        + " LOOP INSERT INTO narrow SELECT i * " + ROWS_PER_TRANSACTION
                        + " + j, j, 'row ' || j FROM generate_series(1, " + ROWS_PER_TRANSACTION
                        + ") j; COMMIT; END LOOP; END $$",
                "SET synchronous_commit = off",
                "CALL fill()");
        String end = bench.value("capture", "SELECT pg_current_wal_flush_lsn()");

        double peer = bench.shell("pg_recvlogical -d '" + bench.url("capture")
                + "' --slot peer --start -n -o proto_version=1 -o publication_names=tidemark_bench --endpos " + end
                + " -f " + bench.directory().resolve("peer.out"));
        double debezium = DebeziumPeer.drain(bench, "capture", ROWS);
        double ours = drain(bench);
        double withAudit = drain(audited);
        Workbench.print("capture of %,d rows, %d a transaction", ROWS, ROWS_PER_TRANSACTION);
        Workbench.print("  pg_recvlogical to a file              %,9.0f rows/s", ROWS / peer);
        Workbench.print("  Debezium engine, no-op                %,9.0f rows/s", ROWS / debezium);
        Workbench.print("  Tidemark, into the catalog            %,9.0f rows/s", ROWS / ours);
        Workbench.print("  Tidemark, with audit topics           %,9.0f rows/s", ROWS / withAudit);
        Workbench.print(
                "  ratio to pg_recvlogical               %.2f, with audit %.2f (wanted 0.4)",
                peer / ours, peer / withAudit);
        Workbench.print(
                "  ratio to Debezium                     %.2f, with audit %.2f (wanted 2.0)",
                debezium / ours, debezium / withAudit);
    }

    /** Seconds from the roles' start to the catalog commit of the last row; the broker's start is not counted. */
    private static double drain(Workbench bench) throws Exception {
        try (Service service = bench.start()) {
            long running = System.nanoTime();
            bench.await(history -> Workbench.changes(history) >= ROWS);
            return (System.nanoTime() - running) / 1e9;
        }
    }
}

package io.tidemark.ingest.mariadb;

import io.tidemark.ingest.CopyProgress;
import io.tidemark.ingest.CopySink;
import io.tidemark.mariadb.BinlogPlace;
import io.tidemark.mariadb.Identifiers;
import io.tidemark.mariadb.MariaDbConnections;
import io.tidemark.mariadb.RowReader;
import io.tidemark.model.ByteSink;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads tables as of one place of the binary log, without holding up writers: a transaction with a consistent snapshot
 * knows its place. Several readers see the same if nothing was committed between their beginnings, which is tried a few
 * times; otherwise one reads alone. The tables cannot be altered until this is closed.
 */
final class SnapshotReaders implements AutoCloseable {
    private static final int ATTEMPTS = 20;
    private static final int ROWS_AT_ONCE = 2_000;

    private final MariaDbConnections connections;
    private final List<Connection> readers = new ArrayList<>();
    private BinlogPlace place = new BinlogPlace("none.0", 0);

    private SnapshotReaders(MariaDbConnections connections) {
        this.connections = connections;
    }

    /** Opens up to so many readers. */
    static SnapshotReaders open(MariaDbConnections connections, int count) throws SQLException {
        SnapshotReaders snapshot = new SnapshotReaders(connections);
        try {
            for (int i = 0; i < count; i++) {
                snapshot.readers.add(connections.sql());
            }
            snapshot.begin();
            return snapshot;
        } catch (SQLException | RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    private void begin() throws SQLException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            boolean together = true;
            for (int i = 0; i < readers.size(); i++) {
                BinlogPlace own = begin(readers.get(i));
                together &= i == 0 || own.equals(place);
                place = i == 0 ? own : place;
            }
            if (together) {
                return;
            }
        }
        while (readers.size() > 1) {
            readers.remove(readers.size() - 1).close();
        }
        place = begin(readers.get(0));
    }

    private static BinlogPlace begin(Connection reader) throws SQLException {
        MariaDbConnections.execute(reader, "ROLLBACK");
        MariaDbConnections.execute(reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        MariaDbConnections.execute(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        Map<String, String> status = new HashMap<>();
        try (Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
            while (rows.next()) {
                status.put(rows.getString(1).toLowerCase(java.util.Locale.ROOT), rows.getString(2));
            }
        }
        String file = status.getOrDefault("binlog_snapshot_file", "");
        if (file.isEmpty()) {
            throw TidemarkException.permanent(
                    "the server does not tell the place of a snapshot in its binary log; is the binary log on?");
        }
        return new BinlogPlace(file, Long.parseLong(status.getOrDefault("binlog_snapshot_position", "0")));
    }

    /** What the readers see: everything before this place. */
    BinlogPlace place() {
        return place;
    }

    /** The last GTID of each domain before the place. */
    String gtids() throws SQLException {
        return MariaDbConnections.value(readers.get(0), "SELECT BINLOG_GTID_POS(?, ?)", place.file(), place.position())
                .orElse("");
    }

    /** Keeps the tables from being altered. */
    void hold(Collection<TableShape> tables) throws SQLException {
        for (TableShape shape : tables) {
            MariaDbConnections.execute(
                    readers.get(0),
                    "SELECT 1 FROM "
                            + Identifiers.quote(shape.rows().collection().name()) + " LIMIT 0");
        }
    }

    /** Reads all tables into the sink. */
    void read(Collection<TableShape> tables, CopySink sink, CopyProgress progress) {
        Queue<TableShape> queue = new ConcurrentLinkedQueue<>(tables);
        AtomicInteger done = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(readers.size());
        try {
            ExecutorCompletionService<Void> completed = new ExecutorCompletionService<>(executor);
            for (Connection reader : readers) {
                completed.submit(() -> {
                    CopySink.CopyWriter writer = sink.copyWriter();
                    for (TableShape shape = queue.poll(); shape != null; shape = queue.poll()) {
                        long rows = read(reader, shape.rows(), sink, writer);
                        progress.copied(shape.rows().collection(), rows, done.incrementAndGet(), tables.size());
                    }
                    writer.flush();
                    return null;
                });
            }
            for (int i = 0; i < readers.size(); i++) {
                completed.take().get();
            }
        } catch (InterruptedException e) {
            throw TidemarkException.transientFailure("reading the tables was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkException failure) {
                throw failure;
            }
            if (e.getCause() instanceof SQLException failure) {
                throw MariaDbConnections.failure("reading the tables failed", failure);
            }
            throw new IllegalStateException("reading the tables failed", e);
        } finally {
            executor.shutdownNow();
        }
    }

    private static long read(Connection reader, RowSchema schema, CopySink sink, CopySink.CopyWriter writer)
            throws SQLException {
        int schemaId = sink.register(schema);
        RowReader rowReader = new RowReader(schema);
        RowKey rowKey = new RowKey(schema);
        ByteSink row = new ByteSink(1024);
        ByteSink key = new ByteSink(64);
        long count = 0;
        try (Statement statement = reader.createStatement()) {
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = statement.executeQuery(rowReader.query())) {
                while (rows.next()) {
                    rowReader.read(rows, row);
                    rowKey.of(row.array(), 0, row.length(), key);
                    writer.row(schemaId, key, row);
                    count++;
                    if (Thread.interrupted()) {
                        statement.cancel();
                        throw new TidemarkException(
                                TidemarkException.Kind.TRANSIENT, "reading the tables was interrupted");
                    }
                }
            }
        }
        return count;
    }

    @Override
    public void close() {
        for (Connection reader : readers) {
            try {
                reader.close();
            } catch (SQLException e) {
                throw MariaDbConnections.failure("a reader of " + connections.address() + " did not close", e);
            }
        }
    }
}

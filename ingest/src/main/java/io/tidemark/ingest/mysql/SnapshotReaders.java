package io.tidemark.ingest.mysql;

import io.tidemark.ingest.CopyProgress;
import io.tidemark.ingest.CopySink;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads tables as of one place of the binary log, without holding up writers while it does; several readers see the
 * same. The tables cannot be altered until this is closed.
 */
final class SnapshotReaders implements AutoCloseable {
    private final ServerConnections connections;
    private final List<Connection> readers = new ArrayList<>();
    private BinlogPlace place = BinlogPlace.NOWHERE;

    private SnapshotReaders(ServerConnections connections) {
        this.connections = connections;
    }

    /** Opens up to so many readers of these tables. */
    static SnapshotReaders open(
            ServerConnections connections, ServerDialect dialect, int count, Collection<TableShape> tables)
            throws SQLException {
        SnapshotReaders snapshot = new SnapshotReaders(connections);
        try {
            for (int i = 0; i < count; i++) {
                snapshot.readers.add(connections.sql());
            }
            snapshot.place = dialect.begin(connections, snapshot.readers, tables);
            return snapshot;
        } catch (SQLException | RuntimeException e) {
            snapshot.close();
            throw e;
        }
    }

    /** Begins a transaction that sees what is there now, until it ends. */
    static void beginTransaction(Connection reader) throws SQLException {
        ServerConnections.execute(reader, "ROLLBACK");
        ServerConnections.execute(reader, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        ServerConnections.execute(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    }

    /** What the readers see: everything before this place. */
    BinlogPlace place() {
        return place;
    }

    /** Keeps the tables from being altered. */
    void hold(Collection<TableShape> tables) throws SQLException {
        for (TableShape shape : tables) {
            ServerConnections.execute(
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
                throw ServerConnections.failure("reading the tables failed", failure);
            }
            throw new IllegalStateException("reading the tables failed", e);
        } finally {
            executor.shutdownNow();
        }
    }

    private static long read(Connection reader, RowSchema schema, CopySink sink, CopySink.CopyWriter writer)
            throws SQLException {
        int schemaId = sink.register(schema);
        long count = 0;
        try (TableCursor rows = TableCursor.open(reader, schema)) {
            while (rows.next()) {
                writer.row(schemaId, rows.key(), rows.row());
                count++;
                if (Thread.interrupted()) {
                    rows.cancel();
                    throw new TidemarkException(TidemarkException.Kind.TRANSIENT, "reading the tables was interrupted");
                }
            }
        }
        return count;
    }

    /** Begins to read one table, on the first of the readers. */
    TableCursor rows(RowSchema schema) throws SQLException {
        return TableCursor.open(readers.get(0), schema);
    }

    @Override
    public void close() {
        for (Connection reader : readers) {
            try {
                reader.close();
            } catch (SQLException e) {
                throw ServerConnections.failure("a reader of " + connections.address() + " did not close", e);
            }
        }
    }
}

package io.tidemark.ingest.postgres;

import io.tidemark.ingest.CopyProgress;
import io.tidemark.ingest.CopySink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.CopyLineParser;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;

/**
 * Reads all tables as one exported snapshot shows them, with several connections. Large tables are cut into ranges of
 * pages, so that one large table keeps all readers busy.
 */
final class InitialCopy {
    private static final long PAGES_PER_PIECE = 4 * 1024;

    private final PostgresConnections connections;
    private final String snapshot;
    private final CopySink sink;
    private final CopyProgress progress;

    /** A range of pages of one table; the last range of a table has no upper end. */
    private record Piece(Table table, RowSchema rows, int schemaId, long firstPage, boolean last) {}

    /**
     * @param snapshot the name of an exported snapshot
     */
    InitialCopy(PostgresConnections connections, String snapshot, CopySink sink, CopyProgress progress) {
        this.connections = connections;
        this.snapshot = snapshot;
        this.sink = sink;
        this.progress = progress;
    }

    /** Opens a connection that sees the database as the snapshot shows it. */
    static Connection at(PostgresConnections connections, String snapshot) throws SQLException {
        Connection connection = connections.sql();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Keeps the tables as they are until the connection's transaction ends, against everybody's schema changes. */
    static List<Table> lock(Connection planning, List<Table> tables) throws SQLException {
        for (Table table : tables) {
            Queries.execute(planning, "LOCK TABLE ONLY " + Identifiers.quote(table.name()) + " IN ACCESS SHARE MODE");
        }
        return tables;
    }

    /** Copies until done; interruption ends it promptly. */
    void run(List<Table> tables, int readers) throws SQLException {
        List<Piece> pieces = new ArrayList<>();
        for (Table table : tables) {
            int schemaId = sink.register(table.rows());
            for (long page = 0; page == 0 || page < table.pages(); page += PAGES_PER_PIECE) {
                pieces.add(new Piece(table, table.rows(), schemaId, page, page + PAGES_PER_PIECE >= table.pages()));
            }
        }
        Queue<Piece> queue = new ConcurrentLinkedQueue<>(pieces);
        AtomicInteger done = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(readers);
        try {
            ExecutorCompletionService<Void> completed = new ExecutorCompletionService<>(executor);
            for (int i = 0; i < readers; i++) {
                completed.submit(() -> {
                    read(queue, done, pieces.size());
                    return null;
                });
            }
            for (int i = 0; i < readers; i++) {
                completed.take().get();
            }
        } catch (InterruptedException e) {
            throw TidemarkException.transientFailure("reading the tables was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkException failure) {
                throw failure;
            }
            if (e.getCause() instanceof SQLException failure) {
                throw PostgresConnections.failure("reading the tables failed", failure);
            }
            throw new IllegalStateException("reading the tables failed", e);
        } finally {
            executor.shutdownNow();
        }
    }

    private void read(Queue<Piece> queue, AtomicInteger done, int total) throws SQLException {
        try (Connection connection = at(connections, snapshot)) {
            CopySink.CopyWriter writer = sink.copyWriter();
            for (Piece piece = queue.poll(); piece != null; piece = queue.poll()) {
                long rows = copy(connection, piece, writer);
                progress.copied(piece.table().name(), rows, done.incrementAndGet(), total);
            }
            writer.flush();
        }
    }

    private long copy(Connection connection, Piece piece, CopySink.CopyWriter writer) throws SQLException {
        CopyLineParser parser = new CopyLineParser(piece.rows());
        RowKey rowKey = new RowKey(piece.rows());
        ByteSink row = new ByteSink(1024);
        ByteSink key = new ByteSink(64);
        CopyOut copy = PostgresConnections.unwrap(connection).getCopyAPI().copyOut(sql(piece));
        long rows = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            parser.parse(line, row);
            rowKey.of(row.array(), 0, row.length(), key);
            writer.row(piece.schemaId(), key, row);
            rows++;
            if (Thread.interrupted()) {
                copy.cancelCopy();
                throw new TidemarkException(TidemarkException.Kind.TRANSIENT, "reading the tables was interrupted");
            }
        }
        return rows;
    }

    private static String sql(Piece piece) {
        String columns = piece.rows().columns().stream()
                .map(c -> Identifiers.quote(c.name()))
                .collect(Collectors.joining(", "));
        String range = "ctid >= '(" + piece.firstPage() + ",0)'"
                + (piece.last() ? "" : " AND ctid < '(" + (piece.firstPage() + PAGES_PER_PIECE) + ",0)'");
        return "COPY (SELECT " + columns + " FROM ONLY "
                + Identifiers.quote(piece.table().name()) + " WHERE " + range + ") TO STDOUT";
    }
}

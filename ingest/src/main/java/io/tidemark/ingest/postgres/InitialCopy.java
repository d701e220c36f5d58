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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all tables as one exported snapshot shows them, with several connections. Tables are cut into ranges of pages, so
 * that one large table keeps all readers busy.
 *
 * <p>Nobody waits for it for longer than one range takes: each is read in a transaction of its own, and no lock is held
 * between them. So a table may be changed before it is read. Where that would show (see {@link TableMark}), the copy
 * fails, and begins again with another snapshot; the smallest tables are read first, so that few are exposed for long.
 */
final class InitialCopy {
    private static final Logger LOG = LoggerFactory.getLogger(InitialCopy.class);
    private static final long PAGES_PER_PIECE = 4 * 1024;
    private static final long IDLE_MILLIS = 20;
    private static final String LOCKED = "55P03";
    /** Of a few seconds each; together shorter than a Kafka transaction may last. */
    private static final int MOST_WAITS = 50;

    private static final Set<String> UNDEFINED = Set.of("42P01", "42703", "3F000");

    private final PostgresConnections connections;
    private final String snapshot;
    private final CopySink sink;
    private final CopyProgress progress;
    private final BlockingQueue<Piece> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger undone = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    /** A table that is read; how many pieces of it are not done yet. */
    private record Reading(Table table, TableMark mark, int schemaId, AtomicInteger pieces) {}

    /** A range of pages of one table. The first one finds out how many others there are. */
    private record Piece(Reading reading, long firstPage) {}

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
        Connection connection = connections.live();
        connection.setAutoCommit(false);
        try {
            Queries.execute(connection, atSnapshot(snapshot));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static String atSnapshot(String snapshot) {
        return "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT '" + snapshot
                + "'";
    }

    /**
     * Copies until done; interruption ends it promptly. Runs once.
     *
     * @param tables the smallest first
     * @param marks of the tables, as the snapshot shows them
     * @throws TidemarkException of kind TRANSIENT if a table was changed before it was read
     */
    void run(List<Table> tables, Map<Long, TableMark> marks, int readers) throws SQLException {
        for (Table table : tables) {
            TableMark mark = marks.get(table.oid());
            if (mark == null) {
                throw changed(table);
            }
            Reading reading = new Reading(table, mark, sink.register(table.rows()), new AtomicInteger(1));
            undone.incrementAndGet();
            queue.add(new Piece(reading, 0));
        }
        ExecutorService executor = Executors.newFixedThreadPool(readers);
        try {
            ExecutorCompletionService<Void> completed = new ExecutorCompletionService<>(executor);
            for (int i = 0; i < readers; i++) {
                completed.submit(() -> {
                    read();
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

    private void read() throws SQLException, InterruptedException {
        try (Connection connection = connections.live();
                Connection now = connections.live()) {
            connection.setAutoCommit(false);
            CopySink.CopyWriter writer = sink.copyWriter();
            while (undone.get() > 0) {
                Piece piece = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
                if (piece != null) {
                    read(piece, connection, now, writer);
                }
            }
            writer.flush();
        }
    }

    private void read(Piece piece, Connection connection, Connection now, CopySink.CopyWriter writer)
            throws SQLException, InterruptedException {
        Reading reading = piece.reading();
        long rows = readWhenFree(piece, connection, writer);
        if (reading.pieces().decrementAndGet() == 0 && !reading.mark().isUnchanged(now)) {
            throw changed(reading.table());
        }
        int sofar = done.incrementAndGet();
        progress.copied(reading.table().name(), rows, sofar, sofar + undone.decrementAndGet());
    }

    /** Waits for whoever has the table for itself, without holding up anybody. */
    private long readWhenFree(Piece piece, Connection connection, CopySink.CopyWriter writer)
            throws SQLException, InterruptedException {
        for (int waits = 0; ; waits++) {
            try {
                lock(piece.reading().table(), connection);
            } catch (SQLException e) {
                connection.rollback();
                if (!LOCKED.equals(e.getSQLState())) {
                    throw meaning(e, piece.reading().table());
                }
                if (waits == MOST_WAITS) {
                    throw PostgresConnections.failure(
                            "the copy waited in vain for whoever has locked "
                                    + piece.reading().table().name(),
                            e);
                }
                LOG.warn(
                        "the copy waits for whoever has locked {}",
                        piece.reading().table().name());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                continue;
            }
            try {
                long rows = copy(connection, piece, writer);
                if (piece.firstPage() == 0) {
                    addPieces(piece.reading(), connection);
                }
                connection.rollback();
                return rows;
            } catch (SQLException e) {
                throw meaning(e, piece.reading().table());
            }
        }
    }

    /**
     * Begins a transaction that sees the snapshot, and keeps the table of this name as it is until that ends; it must be the
     * table that the snapshot shows.
     */
    private void lock(Table table, Connection connection) throws SQLException {
        String name = Identifiers.quote(table.name());
        Queries.execute(connection, atSnapshot(snapshot) + "; LOCK TABLE ONLY " + name + " IN ACCESS SHARE MODE");
        long oid = Long.parseLong(
                Queries.value(connection, "SELECT ?::regclass::oid", name).orElseThrow());
        if (oid != table.oid()) {
            throw changed(table);
        }
    }

    /** No such table, column or schema any more: the table was changed. */
    private static TidemarkException meaning(SQLException e, Table table) {
        return UNDEFINED.contains(String.valueOf(e.getSQLState()))
                ? changed(table)
                : PostgresConnections.failure("reading " + table.name() + " failed", e);
    }

    private static TidemarkException changed(Table table) {
        return new TidemarkException(
                TidemarkException.Kind.TRANSIENT,
                "the table " + table.name() + " was changed before it was copied; the copy begins again");
    }

    /** Those behind the first one. What the snapshot shows of the table lies within what its file has now. */
    private void addPieces(Reading reading, Connection connection) throws SQLException {
        long pages = Long.parseLong(Queries.value(
                        connection,
                        "SELECT pg_catalog.pg_relation_size(?::oid) / pg_catalog.current_setting('block_size')::bigint",
                        reading.table().rows().id())
                .orElse("0"));
        for (long page = PAGES_PER_PIECE; page < pages; page += PAGES_PER_PIECE) {
            reading.pieces().incrementAndGet();
            undone.incrementAndGet();
            queue.add(new Piece(reading, page));
        }
    }

    private long copy(Connection connection, Piece piece, CopySink.CopyWriter writer) throws SQLException {
        Reading reading = piece.reading();
        CopyLineParser parser = new CopyLineParser(reading.table().rows());
        RowKey rowKey = new RowKey(reading.table().rows());
        ByteSink row = new ByteSink(1024);
        ByteSink key = new ByteSink(64);
        CopyOut copy = PostgresConnections.unwrap(connection).getCopyAPI().copyOut(sql(piece));
        long rows = 0;
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            parser.parse(line, row);
            rowKey.of(row.array(), 0, row.length(), key);
            writer.row(reading.schemaId(), key, row);
            rows++;
            if (Thread.interrupted()) {
                copy.cancelCopy();
                throw new TidemarkException(TidemarkException.Kind.TRANSIENT, "reading the tables was interrupted");
            }
        }
        return rows;
    }

    private static String sql(Piece piece) {
        RowSchema rows = piece.reading().table().rows();
        String columns =
                rows.columns().stream().map(c -> Identifiers.quote(c.name())).collect(Collectors.joining(", "));
        return "COPY (SELECT " + columns + " FROM ONLY "
                + Identifiers.quote(rows.collection()) + " WHERE ctid >= '(" + piece.firstPage() + ",0)' AND ctid < '("
                + (piece.firstPage() + PAGES_PER_PIECE) + ",0)') TO STDOUT";
    }
}

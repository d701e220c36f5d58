package io.tidemark.ingest.postgres;

import io.tidemark.ingest.Capture;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import io.tidemark.postgres.PostgresConnections;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.postgresql.replication.PGReplicationStream;

/** An open pgoutput stream. Used by one thread. */
final class PostgresCapture implements Capture {
    private static final int CLOSE_MILLIS = 3_000;
    private static final int MAX_MESSAGES_PER_POLL = 2_000;
    /** No such publication; slot invalidated; log removed. */
    private static final Set<String> LOST = Set.of("42704", "55000", "58P01");

    private final Connection connection;
    private final PGReplicationStream stream;
    private final PgOutputDecoder decoder;
    private final BooleanSupplier stopping;

    private PostgresCapture(
            Connection connection, PGReplicationStream stream, PgOutputDecoder decoder, BooleanSupplier stopping) {
        this.connection = connection;
        this.stream = stream;
        this.decoder = decoder;
        this.stopping = stopping;
    }

    /**
     * Starts streaming; takes over the connection and closes it.
     *
     * @param stopping tells whether the server is about to stop. It then waits until all of its log is confirmed; what
     *     comes behind the last transaction never is, so the stream must end
     */
    static PostgresCapture start(
            Connection replication, CaptureNames names, Lsn from, PgOutputDecoder decoder, BooleanSupplier stopping)
            throws SQLException {
        try {
            return new PostgresCapture(replication, open(replication, names, from), decoder, stopping);
        } catch (SQLException e) {
            replication.close();
            throw e;
        }
    }

    /** The messages of the slot behind a place. */
    static PGReplicationStream open(Connection replication, CaptureNames names, Lsn from) throws SQLException {
        return PostgresConnections.unwrap(replication)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                // The slot must never be ahead of what the change log says; the driver would move it by itself.
                .withAutomaticFlush(false)
                .withSlotName(names.slot())
                .withStartPosition(from.toDriver())
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", names.publication())
                .withSlotOption("messages", true)
                .withStatusInterval(1, TimeUnit.SECONDS)
                .start();
    }

    @Override
    public boolean poll() {
        if (stopping.getAsBoolean()) {
            throw new TidemarkException(TidemarkException.Kind.TRANSIENT, "the server stops");
        }
        try {
            int messages = 0;
            while (messages < MAX_MESSAGES_PER_POLL) {
                ByteBuffer message = stream.readPending();
                if (message == null) {
                    break;
                }
                decoder.decode(message);
                messages++;
            }
            return messages > 0;
        } catch (SQLException e) {
            if (LOST.contains(String.valueOf(e.getSQLState()))) {
                throw new TidemarkException(
                        TidemarkException.Kind.STREAM_LOST, "the server cannot go on streaming: " + e.getMessage(), e);
            }
            throw PostgresConnections.failure("the replication stream broke", e);
        }
    }

    @Override
    public void confirm(String resume) {
        Lsn lsn = ResumeLsn.parse(resume).lsn();
        stream.setFlushedLSN(lsn.toDriver());
        stream.setAppliedLSN(lsn.toDriver());
    }

    @Override
    public void close() {
        try (connection) {
            // A server that hangs must not hold this up; the stream is not needed any more.
            connection.setNetworkTimeout(Runnable::run, CLOSE_MILLIS);
            stream.close();
        } catch (SQLException e) {
            throw TidemarkException.transientFailure("the replication stream did not close: " + e.getMessage(), e);
        }
    }
}

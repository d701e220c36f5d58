package io.tidemark.ingest.postgres;

import io.tidemark.ingest.Capture;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.CopyProgress;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceSettings;
import io.tidemark.ingest.SourceStatus;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL database as a source. */
final class PostgresSource implements Source {
    private final SourceSettings settings;
    private final CaptureNames names;
    private final PostgresConnections connections;
    private final Messages messages;
    private final Sequences sequences = new Sequences();
    private @Nullable Connection shared;

    PostgresSource(SourceSettings settings) {
        this.settings = settings;
        names = CaptureNames.of(settings.name());
        connections = new PostgresConnections(settings.name(), settings.url(), settings.password());
        messages = new Messages(settings.name());
    }

    /** Work on a connection that is opened for it. */
    private interface Work<T> {
        T with(Connection sql) throws SQLException;
    }

    private <T> T onNewConnection(String what, Work<T> work) {
        try (Connection sql = connections.sql()) {
            return work.with(sql);
        } catch (SQLException e) {
            throw PostgresConnections.failure(what + " in " + connections.describe() + " failed", e);
        }
    }

    /** Work on the connection that is kept for heartbeats and the like. */
    private synchronized <T> T onSharedConnection(String what, Work<T> work) {
        try {
            Connection sql = shared;
            if (sql == null) {
                sql = connections.sql();
                shared = sql;
            }
            return work.with(sql);
        } catch (SQLException e) {
            closeShared();
            throw PostgresConnections.failure(what + " in " + connections.describe() + " failed", e);
        }
    }

    @Override
    public SourceCheck check() {
        return onNewConnection("the check", sql -> new PostgresCheck(sql, names, settings.exclude()).run());
    }

    @Override
    public void prepare() {
        onNewConnection("creating the publication", sql -> {
            Publication.create(sql, names, settings.exclude());
            return true;
        });
    }

    @Override
    public void remove() {
        onNewConnection("removing slot and publication", sql -> {
            ReplicationSlot.drop(sql, names);
            Publication.drop(sql, names);
            return true;
        });
    }

    @Override
    public Optional<String> obstacle(ResumePoint point) {
        return onNewConnection(
                "looking at the replication slot",
                sql -> ReplicationSlot.obstacle(sql, names, Lsn.parse(point.resume())));
    }

    @Override
    public Capture begin(ChangeSink sink, CopyProgress progress) {
        try {
            try (Connection sql = connections.sql()) {
                Publication.create(sql, names, settings.exclude());
                ReplicationSlot.drop(sql, names);
            }
            ReplicationSlot.Created slot;
            SourceSchema schema;
            try (Connection replication = connections.replication()) {
                slot = ReplicationSlot.create(replication, names);
                schema = copy(slot, sink, progress);
            }
            ResumePoint point = new ResumePoint(
                    0, before(slot.consistentPoint()), slot.consistentPoint().toString(), 0, true);
            return stream(point, sink, schema);
        } catch (SQLException e) {
            throw PostgresConnections.failure("the initial copy of " + connections.describe() + " failed", e);
        }
    }

    private SourceSchema copy(ReplicationSlot.Created slot, ChangeSink sink, CopyProgress progress)
            throws SQLException {
        try (Connection planning = InitialCopy.at(connections, slot.snapshot())) {
            // Whatever the snapshot shows was committed before now.
            long copiedAt = clockMicros(planning);
            SourceSchema schema = SchemaReader.read(planning);
            sink.schema(schema);
            List<Table> tables = Tables.list(planning, settings.exclude());
            new InitialCopy(connections, slot.snapshot(), sink, progress).run(tables, planning, settings.copyReaders());
            Sequences.copy(Sequences.read(planning), sink);
            sink.endCopy(
                    new ChangeSink.TransactionStart("copy", before(slot.consistentPoint()), copiedAt),
                    slot.consistentPoint().toString());
            return schema;
        }
    }

    private static long clockMicros(Connection sql) throws SQLException {
        return Long.parseLong(
                Queries.value(sql, "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint")
                        .orElseThrow());
    }

    /** The last place before an LSN, since a transaction that commits just there is streamed. */
    private static String before(Lsn lsn) {
        return new Lsn(lsn.value() - 1).toString();
    }

    @Override
    public Capture resume(ResumePoint point, ChangeSink sink) {
        try {
            SourceSchema schema;
            try (Connection sql = connections.sql()) {
                schema = SchemaReader.read(sql);
            }
            sink.schema(schema);
            return stream(point, sink, schema);
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot stream from " + connections.describe(), e);
        }
    }

    private Capture stream(ResumePoint point, ChangeSink sink, SourceSchema schema) throws SQLException {
        PgOutputDecoder decoder =
                new PgOutputDecoder(sink, new StreamRelations(connections, sink, schema), messages, point);
        return PostgresCapture.start(connections.replication(), names, Lsn.parse(point.resume()), decoder);
    }

    @Override
    public void heartbeat() {
        onSharedConnection("the heartbeat", sql -> {
            sequences.heartbeat(sql, messages);
            return true;
        });
    }

    @Override
    public long requestSeal(String id) {
        return onSharedConnection("the request", sql -> {
            long before = clockMicros(sql);
            sequences.heartbeat(sql, messages);
            messages.seal(sql, id);
            return before;
        });
    }

    @Override
    public SourceStatus status() {
        return onSharedConnection("reading the status", sql -> {
            try (var statement = sql.prepareStatement(
                    "SELECT active, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), confirmed_flush_lsn) "
                            + "FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, names.slot());
                try (ResultSet result = statement.executeQuery()) {
                    return result.next()
                            ? new SourceStatus(result.getBoolean(1) ? "streaming" : "waiting", result.getLong(2))
                            : new SourceStatus("missing", 0);
                }
            }
        });
    }

    private synchronized void closeShared() {
        Connection sql = shared;
        shared = null;
        if (sql != null) {
            try {
                sql.close();
            } catch (SQLException e) {
                throw TidemarkException.transientFailure("a connection did not close: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        closeShared();
    }
}

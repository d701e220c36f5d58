package io.tidemark.ingest.postgres;

import io.tidemark.ingest.Capture;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.ContentSink;
import io.tidemark.ingest.CopyProgress;
import io.tidemark.ingest.Counters;
import io.tidemark.ingest.Exclusions;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceContent;
import io.tidemark.ingest.SourceSettings;
import io.tidemark.ingest.SourceStatus;
import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL database as a source. */
final class PostgresSource implements Source {
    private static final int HEARTBEATS_BETWEEN_LOOKS = 10;
    /** Session ended by an administrator, as a stopping server ends all of its sessions; no new ones while it stops. */
    private static final Set<String> STOPPING = Set.of("57P01", "57P03");

    private final SourceSettings settings;
    private final CaptureNames names;
    private final PostgresConnections connections;
    private final Messages messages;
    private final Sequences sequences = new Sequences();
    private @Nullable Connection shared;
    private volatile boolean unwatched;
    private volatile boolean stopping;
    private int heartbeats;

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
        try (Connection sql = connections.live()) {
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
                sql = connections.brief();
                shared = sql;
            }
            return work.with(sql);
        } catch (SQLException e) {
            closeShared();
            if (STOPPING.contains(String.valueOf(e.getSQLState()))) {
                stopping = true;
            }
            throw PostgresConnections.failure(what + " in " + connections.describe() + " failed", e);
        }
    }

    @Override
    public SourceCheck check() {
        return onNewConnection(
                "the check",
                sql -> Exclusions.check(
                        new PostgresCheck(sql, names, settings.exclude()).run(),
                        settings.exclude(),
                        PostgresCheck.tables(sql)));
    }

    @Override
    public void prepare() {
        onNewConnection("preparing", sql -> {
            install(sql);
            return true;
        });
    }

    @Override
    public Optional<String> owner() {
        return onNewConnection("looking whose capture it is", sql -> CaptureSchema.owner(sql, names));
    }

    @Override
    public void remove() {
        onNewConnection("removing what the capture keeps", sql -> {
            ReplicationSlot.drop(sql, names);
            CaptureSchema.drop(sql, names);
            Publication.drop(sql, names);
            return true;
        });
    }

    @Override
    public Optional<String> obstacle(ResumePoint point) {
        ResumeLsn from = ResumeLsn.parse(point.resume());
        return onNewConnection("looking at the replication slot", sql -> {
            Optional<String> obstacle = ReplicationSlot.obstacle(sql, names, from.lsn());
            if (obstacle.isEmpty()) {
                obstacle = Publication.obstacle(sql, names);
            }
            if (obstacle.isEmpty()) {
                obstacle = CaptureSchema.obstacle(sql, names);
            }
            if (obstacle.isPresent()) {
                return obstacle;
            }
            try (Connection replication = connections.replication()) {
                return from.server().obstacle(replication, from.lsn());
            }
        });
    }

    private void install(Connection sql) throws SQLException {
        CaptureSchema.install(sql, names, settings);
        Publication.create(sql, names, settings.exclude());
    }

    @Override
    public Capture begin(ChangeSink sink, CopyProgress progress) {
        try {
            try (Connection sql = connections.live()) {
                CaptureSchema.requireOwn(sql, names, settings);
                ReplicationSlot.drop(sql, names);
                CaptureSchema.installAnew(sql, names, settings);
                Publication.createWithAll(sql, names, settings.exclude());
            }
            ReplicationSlot.Created slot;
            SourceSchema schema;
            ServerIdentity server;
            try (Connection replication = connections.replication()) {
                server = ServerIdentity.of(replication);
                slot = ReplicationSlot.create(replication, names);
                schema = copy(slot, server, sink, progress);
            }
            String resume = new ResumeLsn(slot.consistentPoint(), server).toString();
            return stream(new ResumePoint(0, before(slot.consistentPoint()), resume, 0, true), schema, sink);
        } catch (SQLException e) {
            throw PostgresConnections.failure("the initial copy of " + connections.describe() + " failed", e);
        }
    }

    private SourceSchema copy(
            ReplicationSlot.Created slot, ServerIdentity server, ChangeSink sink, CopyProgress progress)
            throws SQLException {
        long copiedAt;
        List<Table> tables;
        Map<Long, TableMark> marks;
        SourceSchema schema;
        try (Connection planning = InitialCopy.at(connections, slot.snapshot())) {
            // Whatever the snapshot shows was committed before now.
            copiedAt = clockMicros(planning);
            tables = Tables.list(planning, names);
            marks = TableMark.of(planning, tables);
            schema = SchemaReader.read(planning, names);
        }
        requireUnchanged(schema);
        sink.schema(schema);
        new InitialCopy(connections, slot.snapshot(), sink, progress).run(tables, marks, settings.copyReaders());
        try (Connection planning = InitialCopy.at(connections, slot.snapshot())) {
            Counters.copy(Sequences.read(planning), sink);
        }
        sink.endCopy(
                new ChangeSink.TransactionStart("copy", before(slot.consistentPoint()), copiedAt),
                new ResumeLsn(slot.consistentPoint(), server).toString());
        return schema;
    }

    /** Definitions are told as of now, whatever the snapshot; what changes from here on is told by the stream. */
    private void requireUnchanged(SourceSchema copied) throws SQLException {
        try (Connection sql = connections.live()) {
            if (!SchemaReader.read(sql, names).equals(copied)) {
                throw new TidemarkException(
                        TidemarkException.Kind.TRANSIENT,
                        "the schema changed while the initial copy began; it begins again");
            }
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
    public Capture resume(ResumePoint point, SourceSchema schema, ChangeSink sink) {
        try {
            try (Connection sql = connections.live()) {
                CaptureSchema.requireOwn(sql, names, settings);
                install(sql);
            }
            return stream(point, schema, sink);
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot stream from " + connections.describe(), e);
        }
    }

    private Capture stream(ResumePoint point, SourceSchema schema, ChangeSink sink) throws SQLException {
        boolean watched;
        try (Connection sql = connections.live()) {
            watched = CaptureSchema.watches(sql, names);
        }
        unwatched = !watched;
        StreamRelations relations = new StreamRelations(connections, names, sink, schema, watched);
        ServerIdentity server;
        try (Connection replication = connections.replication()) {
            server = ServerIdentity.of(replication);
        }
        PgOutputDecoder decoder = new PgOutputDecoder(sink, relations, messages, server, point);
        stopping = false;
        return PostgresCapture.start(
                connections.replication(),
                names,
                ResumeLsn.parse(point.resume()).lsn(),
                decoder,
                () -> stopping);
    }

    @Override
    public void heartbeat() {
        onSharedConnection("the heartbeat", sql -> {
            sequences.heartbeat(sql, messages);
            return true;
        });
        if (heartbeats++ % HEARTBEATS_BETWEEN_LOOKS == 0) {
            // A large schema takes longer to look at than a heartbeat may take.
            onNewConnection("looking at the schema", sql -> {
                look(sql);
                return true;
            });
        }
    }

    /** Whether the schema is still watched, or, where it is not, whether it is still the same. */
    private void look(Connection sql) throws SQLException {
        Optional<String> obstacle = CaptureSchema.obstacle(sql, names);
        if (obstacle.isPresent()) {
            messages.broken(sql, obstacle.get());
        } else if (unwatched) {
            Queries.value(sql, "SELECT " + names.schema() + ".look()::text");
        }
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
    public SourceContent content() {
        try (Connection replication = connections.replication()) {
            ReplicationSlot.Created moment = ReplicationSlot.createTemporary(replication);
            List<Table> tables;
            Map<Long, TableMark> marks;
            List<CollectionName> uncaptured;
            try (Connection planning = InitialCopy.at(connections, moment.snapshot())) {
                uncaptured = Publication.missing(planning, names);
                tables = Tables.list(planning, names);
                marks = TableMark.of(planning, tables);
            }
            ContentSink sink = new ContentSink();
            new InitialCopy(connections, moment.snapshot(), sink, (table, rows, done, total) -> {})
                    .run(tables, marks, settings.copyReaders());
            return new SourceContent(before(moment.consistentPoint()), sink.contents(), uncaptured);
        } catch (SQLException e) {
            throw PostgresConnections.failure("reading " + connections.describe() + " failed", e);
        }
    }

    @Override
    public SourceStatus status() {
        return onSharedConnection("reading the status", sql -> {
            try (var statement = sql.prepareStatement(
                    "SELECT active, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), confirmed_flush_lsn) "
                            + "FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, names.slot());
                try (ResultSet result = statement.executeQuery()) {
                    List<String> warnings = new PostgresCheck(sql, names, settings.exclude()).standingWarnings();
                    return result.next()
                            ? new SourceStatus(
                                    result.getBoolean(1) ? "streaming" : "waiting", result.getLong(2), warnings)
                            : new SourceStatus(SourceStatus.MISSING, 0, warnings);
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

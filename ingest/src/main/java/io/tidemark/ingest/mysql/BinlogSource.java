package io.tidemark.ingest.mysql;

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
import io.tidemark.ingest.debezium.EngineRun;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerAddress;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A database of MariaDB or MySQL as a source. */
final class BinlogSource implements Source {
    /** The server's clock in µs since 1970 UTC. */
    static final String CLOCK = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";
    /** How much of the log is kept in memory until the transactions are committed. */
    private static final long MOST_PREPARED_BYTES = 4L << 20;

    private final SourceSettings settings;
    private final CaptureNames names;
    private final ServerConnections connections;
    private final ServerDialect dialect;
    private final Counters counters = new Counters();
    private volatile @Nullable Tables tables;
    private @Nullable Connection shared;

    BinlogSource(SourceSettings settings) {
        this.settings = settings;
        names = CaptureNames.of(settings.name());
        connections = new ServerConnections(settings.url(), settings.password());
        dialect = ServerDialect.of(connections.address().dialect());
    }

    /** Work on a connection that is opened for it. */
    private interface Work<T> {
        T with(Connection sql) throws SQLException;
    }

    private <T> T onNewConnection(String what, Work<T> work) {
        try (Connection sql = connections.sql()) {
            return work.with(sql);
        } catch (SQLException e) {
            throw failure(what, e);
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
            throw failure(what, e);
        }
    }

    /** What is under backup; how names are written, the server tells once. */
    private Tables tables(Connection sql) throws SQLException {
        Tables known = tables;
        if (known == null) {
            known = Tables.read(sql, connections.address().database(), settings.exclude());
            tables = known;
        }
        return known;
    }

    private TidemarkException failure(String what, SQLException e) {
        return ServerConnections.failure(what + " in " + connections.address() + " failed", e);
    }

    @Override
    public SourceCheck check() {
        return onNewConnection(
                "the check",
                sql -> Exclusions.check(
                        new BinlogCheck(sql, dialect, tables(sql)).run(),
                        settings.exclude(),
                        Tables.all(sql, connections.address().database())));
    }

    @Override
    public void prepare() {
        onNewConnection("preparing", sql -> {
            Heartbeat.install(sql, names, settings.repository());
            return true;
        });
    }

    @Override
    public Optional<String> owner() {
        return onNewConnection("looking whose capture it is", sql -> Heartbeat.owner(sql, names));
    }

    @Override
    public void remove() {
        onNewConnection("removing what the capture keeps", sql -> {
            Heartbeat.uninstall(sql, names);
            return true;
        });
    }

    @Override
    public Optional<String> obstacle(ResumePoint point) {
        return obstacle(ResumePlace.parse(point.resume()));
    }

    private Optional<String> obstacle(ResumePlace resume) {
        BinlogPlace place = resume.place();
        return onNewConnection("looking at the binary log", sql -> {
            String server = dialect.server(sql);
            if (!server.equals(resume.server())) {
                return Optional.of("the server is another one, " + server + " instead of " + resume.server()
                        + ", and has other places in its binary log");
            }
            Map<String, Long> files = binaryLogs(sql);
            Long size = files.get(place.file());
            if (size == null) {
                return Optional.of("the server does not keep the binary log " + place.file() + " any more");
            }
            if (size < place.position()) {
                return Optional.of("the server's binary log " + place.file() + " ends before " + place.position()
                        + "; it is another server's, or was cut");
            }
            return Optional.empty();
        });
    }

    private static Map<String, Long> binaryLogs(Connection sql) throws SQLException {
        Map<String, Long> files = new HashMap<>();
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
            while (rows.next()) {
                files.put(rows.getString(1), rows.getLong(2));
            }
        }
        return files;
    }

    @Override
    public Capture begin(ChangeSink sink, CopyProgress progress) {
        try (Connection sql = connections.sql()) {
            BinlogCheck.requirePassed(sql, dialect, tables(sql));
            Heartbeat.install(sql, names, settings.repository());
            SchemaReader reader = new SchemaReader(sql, dialect, tables(sql));
            Map<String, TableShape> shapesBefore = reader.shapes("copy");
            SourceSchema before = reader.schema(shapesBefore);
            ResumePlace beforePrepared = dialect.beforePrepared(sql);
            try (SnapshotReaders snapshot =
                    SnapshotReaders.open(connections, dialect, settings.copyReaders(), shapesBefore.values())) {
                // Whatever the snapshot shows was committed before now.
                long copiedAt = clockMicros(sql);
                Map<String, TableShape> shapes = reader.shapes("copy");
                snapshot.hold(shapes.values());
                SourceSchema schema = reader.schema(shapes);
                if (!schema.equals(before)) {
                    throw new TidemarkException(
                            TidemarkException.Kind.TRANSIENT,
                            "the schema changed while the initial copy began; it begins again");
                }
                // What is behind this and before the snapshot's place is only looked at for what is prepared there.
                String resume = beforePrepared.toString();
                String coordinate = snapshot.place().toString();
                sink.schema(schema);
                snapshot.read(shapes.values(), sink, progress);
                Counters.copy(ServerCounters.read(sql, connections.address().database()), sink);
                sink.endCopy(new ChangeSink.TransactionStart("copy", coordinate, copiedAt), resume);
                return stream(new ResumePoint(0, coordinate, resume, 0, true), schema, sink);
            }
        } catch (SQLException e) {
            throw failure("the initial copy", e);
        }
    }

    private static long clockMicros(Connection sql) throws SQLException {
        return Long.parseLong(ServerConnections.value(sql, "SELECT " + CLOCK).orElseThrow());
    }

    @Override
    public Capture resume(ResumePoint point, SourceSchema schema, ChangeSink sink) {
        if (!owner().equals(settings.repository())) {
            prepare();
        }
        return stream(point, schema, sink);
    }

    private Capture stream(ResumePoint point, SourceSchema schema, ChangeSink sink) {
        Tables covered = onNewConnection("looking at the settings", this::tables);
        StreamTables stream = new StreamTables(
                ServerFacts.of(connections, dialect, names, covered), dialect, names, covered, sink, schema);
        return new BinlogCapture(
                this::read,
                this::readBefore,
                statement -> Settling.begin(connections, dialect, stream, sink, statement),
                new BinlogDecoder(sink, stream, point, MOST_PREPARED_BYTES),
                ResumePlace.parse(point.resume()));
    }

    /** Begins to read the binary log at a place where a transaction was prepared that is committed now. */
    private EngineRun readBefore(ResumePlace from) {
        obstacle(from).ifPresent(reason -> {
            throw TidemarkException.streamLost(
                    "a transaction in two steps is committed, and what it did cannot be read any more: " + reason);
        });
        return read(from);
    }

    /** Begins to read the binary log at a place. */
    private EngineRun read(ResumePlace from) {
        ServerAddress address = connections.address();
        Map<String, String> engine = new HashMap<>();
        engine.put("topic.prefix", settings.name());
        engine.put("database.hostname", address.host());
        engine.put("database.port", Integer.toString(address.port()));
        engine.put("database.user", address.user());
        engine.put("database.password", connections.password().orElse(""));
        engine.put("database.ssl.mode", dialect.sslMode(address.option("sslMode")));
        engine.put(BinlogConnector.ENGINE, dialect.engine());
        engine.put(
                "database.server.id", Long.toString(ThreadLocalRandom.current().nextLong(1L << 31, 1L << 32)));
        engine.put("connect.timeout.ms", "30000");
        engine.put("connect.keep.alive", "false");
        engine.put(BinlogTask.FILE, from.place().file());
        engine.put(BinlogTask.POSITION, Long.toString(from.place().position()));
        engine.put(BinlogTask.GTIDS, from.gtids());
        return EngineRun.start(settings.name(), BinlogConnector.class, engine);
    }

    @Override
    public void heartbeat() {
        onSharedConnection("the heartbeat", sql -> {
            beat(sql, "");
            return true;
        });
    }

    private void beat(Connection sql, String seal) throws SQLException {
        Map<String, Counters.Value> now =
                ServerCounters.read(sql, connections.address().database());
        Heartbeat.write(sql, names, seal, counters.changed(now));
        counters.told(now);
    }

    @Override
    public long requestSeal(String id) {
        return onSharedConnection("the request", sql -> {
            long before = clockMicros(sql);
            beat(sql, id);
            return before;
        });
    }

    @Override
    public SourceContent content() {
        try (Connection sql = connections.sql()) {
            Map<String, TableShape> shapes = new SchemaReader(sql, dialect, tables(sql)).shapes("now");
            try (SnapshotReaders snapshot =
                    SnapshotReaders.open(connections, dialect, settings.copyReaders(), shapes.values())) {
                snapshot.hold(shapes.values());
                ContentSink sink = new ContentSink();
                snapshot.read(shapes.values(), sink, (table, rows, done, total) -> {});
                return new SourceContent(snapshot.place().toString(), sink.contents(), List.of());
            }
        } catch (SQLException e) {
            throw failure("reading", e);
        }
    }

    @Override
    public SourceStatus status() {
        return onSharedConnection("reading the status", sql -> {
            long kept =
                    binaryLogs(sql).values().stream().mapToLong(Long::longValue).sum();
            String beats = ServerConnections.value(
                            sql,
                            "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                            names.database(),
                            CaptureNames.HEARTBEAT)
                    .orElse("0");
            boolean streaming = !ServerConnections.value(
                            sql,
                            "SELECT count(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")
                    .orElse("0")
                    .equals("0");
            String state = beats.equals("0") ? SourceStatus.MISSING : streaming ? "streaming" : "waiting";
            return new SourceStatus(state, kept, new BinlogCheck(sql, dialect, tables(sql)).standingWarnings());
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

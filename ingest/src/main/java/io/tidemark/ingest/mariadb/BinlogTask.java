package io.tidemark.ingest.mariadb;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogEventMetadataProvider;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mariadb.MariaDbOffsetContext;
import io.debezium.connector.mariadb.MariaDbPartition;
import io.debezium.connector.mariadb.MariaDbTaskContext;
import io.debezium.connector.mariadb.Module;
import io.debezium.connector.mariadb.jdbc.MariaDbConnection;
import io.debezium.connector.mariadb.jdbc.MariaDbConnectionConfiguration;
import io.debezium.connector.mariadb.jdbc.MariaDbFieldReader;
import io.debezium.connector.mariadb.metrics.MariaDbStreamingChangeEventSourceMetrics;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.source.spi.ChangeEventSource.ChangeEventSourceContext;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.snapshot.mode.NeverSnapshotter;
import io.debezium.util.Clock;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * Runs Debezium's reader of the binary log and hands out each event as a record. Only the reader of Debezium's own task
 * is used: no schema history, no snapshot, no conversion of rows.
 */
public final class BinlogTask extends SourceTask {
    /** Where to begin: the file's name. */
    static final String FILE = "tidemark.binlog.file";
    /** Where to begin: the position in the file. */
    static final String POSITION = "tidemark.binlog.position";
    /** Where to begin: the last GTID of each domain, separated by commas. */
    static final String GTIDS = "tidemark.binlog.gtids";

    private static final long PATIENCE_MILLIS = 200;
    /** Tells each connection on the console; held here, since a logger that nobody holds forgets its level. */
    private static final Logger CLIENT_LOG = Logger.getLogger("com.github.shyiko.mysql.binlog");

    static {
        CLIENT_LOG.setLevel(Level.SEVERE);
    }

    private final EventQueue events = new EventQueue();
    private @Nullable MariaDbConnection connection;
    private @Nullable Thread reader;
    private volatile boolean running;

    @Override
    public void start(Map<String, String> properties) {
        Configuration settings = Configuration.from(properties);
        MariaDbConnectorConfig config = new MariaDbConnectorConfig(settings);
        MariaDbConnection sql =
                new MariaDbConnection(new MariaDbConnectionConfiguration(settings), new MariaDbFieldReader(config));
        connection = sql;
        BinaryLogClient client =
                new BinaryLogClient(config.getHostName(), config.getPort(), config.getUserName(), config.getPassword());
        MariaDbTaskContext context = new MariaDbTaskContext(settings, config);
        ErrorHandler errors = new ErrorHandler(BinlogConnector.class, config, null, null) {
            @Override
            public void setProducerThrowable(Throwable failure) {
                events.fail(failure);
            }
        };
        BinlogReader source = new BinlogReader(
                config,
                sql,
                errors,
                Clock.system(),
                context,
                new MariaDbStreamingChangeEventSourceMetrics(
                        context, null, new BinlogEventMetadataProvider(), List::of, client),
                new SnapshotterService(new NeverSnapshotter(), null, null),
                client,
                events);
        MariaDbOffsetContext offset = new MariaDbOffsetContext.Loader(config).load(begin(properties));
        MariaDbPartition partition = new MariaDbPartition(config.getLogicalName(), config.getLogicalName());
        running = true;
        Thread thread = new Thread(() -> read(source, partition, offset), "binlog-" + config.getLogicalName());
        thread.setDaemon(true);
        thread.start();
        reader = thread;
    }

    private static Map<String, Object> begin(Map<String, String> properties) {
        Map<String, Object> offset = new HashMap<>();
        offset.put("file", properties.get(FILE));
        offset.put("pos", Long.parseLong(properties.getOrDefault(POSITION, "4")));
        String gtids = properties.getOrDefault(GTIDS, "");
        if (!gtids.isEmpty()) {
            offset.put("gtids", gtids);
        }
        return offset;
    }

    private void read(BinlogReader source, MariaDbPartition partition, MariaDbOffsetContext offset) {
        try {
            source.init(offset);
            source.execute(new WhileRunning(), partition, offset);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            events.fail(e);
        }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        return events.take(PATIENCE_MILLIS).stream().map(BinlogTask::record).toList();
    }

    private static SourceRecord record(Event event) {
        return new SourceRecord(Map.of(), Map.of(), "binlog", null, event);
    }

    /** What a record of this connector holds. */
    static Event event(SourceRecord record) {
        return (Event) record.value();
    }

    @Override
    public void stop() {
        running = false;
        events.close();
        Thread thread = reader;
        MariaDbConnection sql = connection;
        try {
            if (thread != null) {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            }
            if (sql != null) {
                sql.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException("a connection did not close", e);
        }
    }

    @Override
    public String version() {
        return Module.version();
    }

    /** Nothing but whether to go on. */
    private final class WhileRunning implements ChangeEventSourceContext {
        @Override
        public boolean isPaused() {
            return false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public void resumeStreaming() {}

        @Override
        public void waitSnapshotCompletion() {}

        @Override
        public void streamingPaused() {}

        @Override
        public void waitStreamingPaused() {}
    }
}

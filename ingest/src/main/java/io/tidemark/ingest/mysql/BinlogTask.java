package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogConnectorConfig;
import io.debezium.connector.mariadb.Module;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.pipeline.source.spi.ChangeEventSource.ChangeEventSourceContext;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.snapshot.mode.NeverSnapshotter;
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
 * Runs Debezium's reader of a binary log and hands out each event as a record. Only the reader of Debezium's own task is
 * used, which connects, negotiates where to begin and keeps the connection alive: no schema history, no snapshot, no
 * conversion of rows. What of it belongs to one kind of server is in the classes below this one.
 */
public abstract class BinlogTask extends SourceTask {
    /** Where to begin: the file's name. */
    static final String FILE = "tidemark.binlog.file";
    /** Where to begin: the position in the file. */
    static final String POSITION = "tidemark.binlog.position";
    /** Where to begin: the last GTID of each domain, separated by commas; empty text to begin at the position. */
    static final String GTIDS = "tidemark.binlog.gtids";

    private static final long PATIENCE_MILLIS = 200;
    /** Tells each connection on the console; held here, since a logger that nobody holds forgets its level. */
    private static final Logger CLIENT_LOG = Logger.getLogger("com.github.shyiko.mysql.binlog");

    static {
        CLIENT_LOG.setLevel(Level.SEVERE);
    }

    private final EventQueue events = new EventQueue();
    private @Nullable Reader reader;
    private @Nullable Thread thread;
    private volatile boolean running;

    /** Debezium's reader for one kind of server. */
    interface Reader {
        /** Reads until the context says that it is over. */
        void run(ChangeEventSourceContext context) throws InterruptedException;

        /** Closes the connection beside the log's. */
        void disconnect() throws SQLException;
    }

    /**
     * Makes the reader.
     *
     * @param offset where to begin, as Debezium keeps it
     * @param queue takes each event
     */
    abstract Reader open(Configuration settings, Map<String, Object> offset, EventQueue queue);

    @Override
    public void start(Map<String, String> properties) {
        Reader opened = open(Configuration.from(properties), begin(properties), events);
        reader = opened;
        running = true;
        Thread reading = new Thread(() -> read(opened), "binlog-" + properties.get("topic.prefix"));
        reading.setDaemon(true);
        reading.start();
        thread = reading;
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

    private void read(Reader opened) {
        try {
            opened.run(new WhileRunning());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            events.fail(e);
        }
    }

    /** A client for the server of these settings. */
    static BinaryLogClient client(BinlogConnectorConfig config) {
        return new BinaryLogClient(config.getHostName(), config.getPort(), config.getUserName(), config.getPassword());
    }

    /** Lets failures of the reader end the queue. */
    static ErrorHandler errors(CommonConnectorConfig config, EventQueue queue) {
        return new ErrorHandler(BinlogConnector.class, config, null, null) {
            @Override
            public void setProducerThrowable(Throwable failure) {
                queue.fail(failure);
            }
        };
    }

    /** No snapshot of Debezium's. */
    static SnapshotterService noSnapshot() {
        return new SnapshotterService(new NeverSnapshotter(), null, null);
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
        Thread reading = thread;
        Reader opened = reader;
        try {
            if (reading != null) {
                reading.join(TimeUnit.SECONDS.toMillis(10));
            }
            if (opened != null) {
                opened.disconnect();
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

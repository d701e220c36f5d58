package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogEventMetadataProvider;
import io.debezium.connector.binlog.jdbc.BinlogFieldReader;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.connector.mysql.MySqlOffsetContext;
import io.debezium.connector.mysql.MySqlPartition;
import io.debezium.connector.mysql.MySqlStreamingChangeEventSource;
import io.debezium.connector.mysql.MySqlStreamingChangeEventSourceMetrics;
import io.debezium.connector.mysql.MySqlTaskContext;
import io.debezium.connector.mysql.jdbc.MySqlConnection;
import io.debezium.connector.mysql.jdbc.MySqlConnectionConfiguration;
import io.debezium.connector.mysql.jdbc.MySqlFieldReaderResolver;
import io.debezium.pipeline.source.spi.ChangeEventSource.ChangeEventSourceContext;
import io.debezium.util.Clock;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Reads the binary log of a MySQL server. */
public final class MySqlTask extends BinlogTask {
    @Override
    Reader open(Configuration settings, Map<String, Object> offset, EventQueue queue) {
        MySqlConnectorConfig config = new MySqlConnectorConfig(settings);
        return new MySqlReader(
                config,
                new ConnectionByPlace(
                        new MySqlConnectionConfiguration(settings), MySqlFieldReaderResolver.resolve(config)),
                new MySqlTaskContext(settings, config),
                client(config),
                new MySqlOffsetContext.Loader(config).load(offset),
                queue);
    }

    /** Reading begins at a place of the log, whose transactions bring their GTIDs all the same. */
    private static final class ConnectionByPlace extends MySqlConnection {
        ConnectionByPlace(MySqlConnectionConfiguration config, BinlogFieldReader reader) {
            super(config, reader);
        }

        @Override
        public boolean isGtidModeEnabled() {
            return false;
        }
    }

    /** Events go on as they are. What only their interpretation uses is not there. */
    private static final class MySqlReader extends MySqlStreamingChangeEventSource implements Reader {
        private final MySqlConnection connection;
        private final MySqlPartition partition;
        private final MySqlOffsetContext offset;
        private final EventQueue queue;

        MySqlReader(
                MySqlConnectorConfig config,
                MySqlConnection connection,
                MySqlTaskContext context,
                BinaryLogClient client,
                MySqlOffsetContext offset,
                EventQueue queue) {
            super(
                    config,
                    connection,
                    null,
                    errors(config, queue),
                    Clock.system(),
                    context,
                    null,
                    new MySqlStreamingChangeEventSourceMetrics(
                            context, null, new BinlogEventMetadataProvider(), List::of, client),
                    noSnapshot(),
                    client);
            this.connection = connection;
            partition = new MySqlPartition(config.getLogicalName(), config.getLogicalName());
            this.offset = offset;
            this.queue = queue;
        }

        @Override
        public void run(ChangeEventSourceContext context) throws InterruptedException {
            init(offset);
            execute(context, partition, offset);
        }

        @Override
        public void disconnect() throws SQLException {
            connection.close();
        }

        @Override
        protected void handleEvent(
                MySqlPartition from, MySqlOffsetContext at, ChangeEventSourceContext context, Event event) {
            queue.offer(event);
        }

        @Override
        protected EventDeserializer createEventDeserializer() {
            return RawRows.deserializer();
        }
    }
}

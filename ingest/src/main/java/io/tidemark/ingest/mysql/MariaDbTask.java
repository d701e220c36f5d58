package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogEventMetadataProvider;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mariadb.MariaDbOffsetContext;
import io.debezium.connector.mariadb.MariaDbPartition;
import io.debezium.connector.mariadb.MariaDbStreamingChangeEventSource;
import io.debezium.connector.mariadb.MariaDbTaskContext;
import io.debezium.connector.mariadb.jdbc.MariaDbConnection;
import io.debezium.connector.mariadb.jdbc.MariaDbConnectionConfiguration;
import io.debezium.connector.mariadb.jdbc.MariaDbFieldReader;
import io.debezium.connector.mariadb.metrics.MariaDbStreamingChangeEventSourceMetrics;
import io.debezium.pipeline.source.spi.ChangeEventSource.ChangeEventSourceContext;
import io.debezium.util.Clock;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Reads the binary log of a MariaDB server. */
public final class MariaDbTask extends BinlogTask {
    @Override
    Reader open(Configuration settings, Map<String, Object> offset, EventQueue queue) {
        MariaDbConnectorConfig config = new MariaDbConnectorConfig(settings);
        return new MariaDbReader(
                config,
                new MariaDbConnection(new MariaDbConnectionConfiguration(settings), new MariaDbFieldReader(config)),
                new MariaDbTaskContext(settings, config),
                client(config),
                new MariaDbOffsetContext.Loader(config).load(offset),
                queue);
    }

    /** Events go on as they are. What only their interpretation uses is not there. */
    private static final class MariaDbReader extends MariaDbStreamingChangeEventSource implements Reader {
        private final MariaDbConnection connection;
        private final MariaDbPartition partition;
        private final MariaDbOffsetContext offset;
        private final EventQueue queue;

        MariaDbReader(
                MariaDbConnectorConfig config,
                MariaDbConnection connection,
                MariaDbTaskContext context,
                BinaryLogClient client,
                MariaDbOffsetContext offset,
                EventQueue queue) {
            super(
                    config,
                    connection,
                    null,
                    errors(config, queue),
                    Clock.system(),
                    context,
                    null,
                    new MariaDbStreamingChangeEventSourceMetrics(
                            context, null, new BinlogEventMetadataProvider(), List::of, client),
                    noSnapshot(),
                    client);
            this.connection = connection;
            partition = new MariaDbPartition(config.getLogicalName(), config.getLogicalName());
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
                MariaDbPartition from, MariaDbOffsetContext at, ChangeEventSourceContext context, Event event) {
            queue.offer(event);
        }

        @Override
        protected EventDeserializer createEventDeserializer() {
            return RawRows.deserializer();
        }
    }
}

package io.tidemark.ingest.mariadb;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mariadb.MariaDbOffsetContext;
import io.debezium.connector.mariadb.MariaDbPartition;
import io.debezium.connector.mariadb.MariaDbStreamingChangeEventSource;
import io.debezium.connector.mariadb.MariaDbTaskContext;
import io.debezium.connector.mariadb.jdbc.MariaDbConnection;
import io.debezium.connector.mariadb.metrics.MariaDbStreamingChangeEventSourceMetrics;
import io.debezium.pipeline.ErrorHandler;
import io.debezium.snapshot.SnapshotterService;
import io.debezium.util.Clock;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Debezium's reader of the binary log, which connects, negotiates where to begin and keeps the connection alive, without
 * its interpretation of what it reads: rows are decoded by {@link RawRows}, and events go on as they are.
 */
final class BinlogReader extends MariaDbStreamingChangeEventSource {
    private final EventQueue events;

    // What only the interpretation of events uses is not there.
    BinlogReader(
            MariaDbConnectorConfig config,
            MariaDbConnection connection,
            ErrorHandler errors,
            Clock clock,
            MariaDbTaskContext context,
            MariaDbStreamingChangeEventSourceMetrics metrics,
            SnapshotterService snapshots,
            BinaryLogClient client,
            EventQueue events) {
        super(config, connection, null, errors, clock, context, null, metrics, snapshots, client);
        this.events = events;
    }

    @Override
    protected void handleEvent(
            MariaDbPartition partition, MariaDbOffsetContext offset, ChangeEventSourceContext context, Event event) {
        try {
            if (event != null) {
                events.put(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            events.fail(e);
        }
    }

    @Override
    protected EventDeserializer createEventDeserializer() {
        Map<Long, TableMapEventData> tables = new HashMap<>();
        EventDeserializer deserializer = new EventDeserializer() {
            @Override
            public Event nextEvent(ByteArrayInputStream in) throws IOException {
                Event event = super.nextEvent(in);
                if (event != null && event.getHeader().getEventType() == EventType.TABLE_MAP) {
                    TableMapEventData table = event.getData();
                    tables.put(table.getTableId(), table);
                } else if (event != null && event.getHeader().getEventType() == EventType.ROTATE) {
                    tables.clear();
                }
                return event;
            }
        };
        RawRows.install(deserializer, tables);
        return deserializer;
    }
}

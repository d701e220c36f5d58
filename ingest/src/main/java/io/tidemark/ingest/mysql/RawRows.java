package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.DeleteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.GtidEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.UpdateRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.WriteRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/** Row events whose cells are as {@link RawCell} reads them, in place of the library's dates and strings. */
final class RawRows {
    private RawRows() {}

    /** Reads events of a binary log. */
    static EventDeserializer deserializer() {
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
        deserializer.setEventDataDeserializer(EventType.ANONYMOUS_GTID, new GtidEventDataDeserializer());
        deserializer.setEventDataDeserializer(EventType.WRITE_ROWS, new Writes(tables));
        deserializer.setEventDataDeserializer(EventType.UPDATE_ROWS, new Updates(tables));
        deserializer.setEventDataDeserializer(EventType.DELETE_ROWS, new Deletes(tables));
        deserializer.setEventDataDeserializer(
                EventType.EXT_WRITE_ROWS, new Writes(tables).setMayContainExtraInformation(true));
        deserializer.setEventDataDeserializer(
                EventType.EXT_UPDATE_ROWS, new Updates(tables).setMayContainExtraInformation(true));
        deserializer.setEventDataDeserializer(
                EventType.EXT_DELETE_ROWS, new Deletes(tables).setMayContainExtraInformation(true));
        return deserializer;
    }

    private static final class Writes extends WriteRowsEventDataDeserializer {
        Writes(Map<Long, TableMapEventData> tables) {
            super(tables);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return RawCell.read(type, meta, length, in);
        }
    }

    private static final class Updates extends UpdateRowsEventDataDeserializer {
        Updates(Map<Long, TableMapEventData> tables) {
            super(tables);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return RawCell.read(type, meta, length, in);
        }
    }

    private static final class Deletes extends DeleteRowsEventDataDeserializer {
        Deletes(Map<Long, TableMapEventData> tables) {
            super(tables);
        }

        @Override
        protected Serializable deserializeCell(ColumnType type, int meta, int length, ByteArrayInputStream in)
                throws IOException {
            return RawCell.read(type, meta, length, in);
        }
    }
}

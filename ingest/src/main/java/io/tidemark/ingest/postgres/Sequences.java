package io.tidemark.ingest.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.CopySink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of sequences. Logical decoding does not carry them, so they are sampled with every heartbeat and travel in its
 * message; in the log they are rows of a collection of their own.
 */
final class Sequences {
    private static final RowSchema ROWS = new RowSchema(
            CollectionName.SEQUENCES.toString(),
            CollectionName.SEQUENCES,
            List.of(
                    new Column(1, "name", "text", Encoding.TEXT),
                    new Column(2, "last_value", "bigint", Encoding.LONG),
                    new Column(3, "is_called", "boolean", Encoding.BOOLEAN)),
            List.of(0));

    private static final String VALUES = """
            SELECT pg_catalog.format('%I.%I', s.schemaname, s.sequencename),
                   coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL
            FROM pg_catalog.pg_sequences s
            """;

    /**
     * A sequence's value.
     *
     * @param called whether the next value is the one after it
     */
    record Value(long last, boolean called) {}

    private Map<String, Value> told = Map.of();

    /** All values, by quoted name. */
    static Map<String, Value> read(Connection connection) throws SQLException {
        Map<String, Value> values = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(VALUES)) {
            while (result.next()) {
                values.put(result.getString(1), new Value(result.getLong(2), result.getBoolean(3)));
            }
        }
        return values;
    }

    /** Writes a heartbeat with the values that differ from those of the last one. */
    void heartbeat(Connection connection, Messages messages) throws SQLException {
        Map<String, Value> now = read(connection);
        Map<String, Value> changed = new HashMap<>(now);
        changed.entrySet().removeAll(told.entrySet());
        messages.heartbeat(connection, changed.isEmpty() ? "" : Json.text(changed));
        told = now;
    }

    /** Writes the values of a message into the open transaction of the sink. */
    static void write(byte[] json, ChangeSink sink) {
        JsonNode values = Json.read(json, JsonNode.class, "a sequence message");
        Encoder encoder = new Encoder();
        int schemaId = sink.register(ROWS);
        values.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            encoder.encode(
                    entry.getKey(),
                    new Value(value.get("last").asLong(), value.get("called").asBoolean()));
            sink.change(Op.UPDATE, schemaId, encoder.key, null, null, encoder.row);
        });
    }

    /** Writes values as rows of the initial copy. */
    static void copy(Map<String, Value> values, ChangeSink sink) {
        Encoder encoder = new Encoder();
        int schemaId = sink.register(ROWS);
        CopySink.CopyWriter writer = sink.copyWriter();
        values.forEach((name, value) -> {
            encoder.encode(name, value);
            writer.row(schemaId, encoder.key, encoder.row);
        });
        writer.flush();
    }

    private static final class Encoder {
        private final ByteSink row = new ByteSink(128);
        private final ByteSink key = new ByteSink(128);
        private final RowKey rowKey = new RowKey(ROWS);

        void encode(String name, Value value) {
            row.clear();
            row.writeByte(RowCodec.VALUE);
            row.writeBytes(name.getBytes(StandardCharsets.UTF_8));
            row.writeByte(RowCodec.VALUE);
            row.writeLong(value.last());
            row.writeByte(RowCodec.VALUE);
            row.writeByte(value.called() ? 1 : 0);
            rowKey.of(row.array(), 0, row.length(), key);
        }
    }
}

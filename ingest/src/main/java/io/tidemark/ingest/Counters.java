package io.tidemark.ingest;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of sequences and other counters. Logs of changes do not carry them, so they are sampled with every heartbeat and
 * travel in it; in the change log they are rows of a collection of their own. Not thread-safe.
 */
public final class Counters {
    private static final RowSchema ROWS = new RowSchema(
            CollectionName.SEQUENCES.toString(),
            CollectionName.SEQUENCES,
            List.of(
                    new Column(1, "name", "text", Encoding.TEXT),
                    new Column(2, "last_value", "bigint", Encoding.LONG),
                    new Column(3, "is_called", "boolean", Encoding.BOOLEAN)),
            List.of(0));

    /**
     * A counter's value.
     *
     * @param called whether the next value is the one after it
     */
    public record Value(long last, boolean called) {}

    private Map<String, Value> told = Map.of();

    /** Those that differ from what was told before, as JSON; empty text if none does. */
    public String changed(Map<String, Value> now) {
        Map<String, Value> changed = new HashMap<>(now);
        changed.entrySet().removeAll(told.entrySet());
        return changed.isEmpty() ? "" : Json.text(changed);
    }

    /** These were told. */
    public void told(Map<String, Value> now) {
        told = now;
    }

    /** Writes the values of a message into the open transaction of the sink. */
    public static void write(byte[] json, ChangeSink sink) {
        JsonNode values = Json.read(json, JsonNode.class, "counters of a heartbeat");
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
    public static void copy(Map<String, Value> values, ChangeSink sink) {
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

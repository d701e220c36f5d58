package io.tidemark.pipeline;

import io.tidemark.model.Json;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** JSON records as Kafka Streams wants them. */
final class JsonSerde {
    private JsonSerde() {}

    static <T> Serde<T> of(Class<T> type) {
        return Serdes.serdeFrom(serializer(), deserializer(type));
    }

    private static <T> Serializer<T> serializer() {
        return (topic, value) -> bytes(value);
    }

    private static <T> Deserializer<T> deserializer(Class<T> type) {
        return (topic, bytes) -> value(bytes, type, topic);
    }

    @SuppressWarnings("NullAway") // Kafka's own contract: null stands for a deletion.
    private static byte[] bytes(@Nullable Object value) {
        return value == null ? null : Json.bytes(value);
    }

    @SuppressWarnings("NullAway") // Kafka's own contract: null stands for a deletion.
    private static <T> T value(byte @Nullable [] bytes, Class<T> type, String topic) {
        return bytes == null ? null : Json.read(bytes, type, "a record of " + topic);
    }
}

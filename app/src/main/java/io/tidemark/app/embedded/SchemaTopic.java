package io.tidemark.app.embedded;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Where the embedded registry keeps what was registered: a compacted Kafka topic. Thread-safe. */
final class SchemaTopic implements AutoCloseable {
    /** One registration. The same id may stand under several subjects. */
    record Registered(String subject, int version, int id, String schema) {}

    private record RegisteredKey(String subject, int version) {}

    private final KafkaProducer<byte[], byte[]> producer;

    private SchemaTopic(KafkaProducer<byte[], byte[]> producer) {
        this.producer = producer;
    }

    /** Opens the topic, making it if need be, and tells all it holds. */
    static SchemaTopic open(KafkaSettings kafka, Consumer<Registered> known) {
        try (Admin admin = kafka.admin()) {
            NewTopic topic = new NewTopic(Topics.REGISTRY, Optional.of(1), Optional.empty())
                    .configs(Map.of("cleanup.policy", "compact"));
            kafka.createTopics(admin, List.of(topic));
        }
        TopicPartition partition = new TopicPartition(Topics.REGISTRY, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = kafka.consumer(Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    known.accept(Json.read(record.value(), Registered.class, "a schema in " + Topics.REGISTRY));
                }
            }
        }
        return new SchemaTopic(kafka.producer(Map.of("client.id", "tidemark-registry")));
    }

    /** Makes a registration durable. */
    void add(Registered registered) {
        byte[] key = Json.bytes(new RegisteredKey(registered.subject(), registered.version()));
        try {
            producer.send(new ProducerRecord<>(Topics.REGISTRY, key, Json.bytes(registered)))
                    .get();
        } catch (ExecutionException e) {
            throw TidemarkException.transientFailure(
                    "cannot keep a schema of " + registered.subject() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.transientFailure("interrupted while keeping a schema", e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}

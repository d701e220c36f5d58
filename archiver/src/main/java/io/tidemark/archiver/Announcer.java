package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.plan.Announcement;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the pipeline what was committed. Thread-safe. */
final class Announcer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;

    Announcer(KafkaSettings kafka, Topics topics) {
        this.topics = topics;
        producer = kafka.producer(Map.of("client.id", topics.group("announcer")));
    }

    void announce(Announcement announcement) {
        byte[] key = topics.source().getBytes(StandardCharsets.UTF_8);
        Future<RecordMetadata> unused = producer.send(
                new ProducerRecord<>(topics.commits(), key, Json.bytes(announcement)), (metadata, error) -> {
                    if (error != null) {
                        LOG.warn("cannot announce {}; the next announcement makes up for it", announcement, error);
                    }
                });
    }

    @Override
    public void close() {
        producer.close();
    }
}

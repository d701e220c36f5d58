package io.tidemark.archiver;

import io.tidemark.model.TidemarkException;
import io.tidemark.plan.Stretch;
import io.tidemark.wire.FragmentJoiner;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/** Reads stretches of one change log, batch by batch. Not thread-safe. */
final class LogRange implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_IDLE_POLLS = 300;

    /** Takes the batches of a stretch in order. */
    interface Batches {
        void accept(long offset, byte[] batch);
    }

    private final TopicPartition log;
    private final KafkaConsumer<byte[], byte[]> consumer;

    LogRange(KafkaSettings kafka, Topics topics) {
        log = new TopicPartition(topics.changes(), 0);
        consumer = kafka.consumer(Map.of("auto.offset.reset", "none", "client.id", topics.group("log-reader")));
        consumer.assign(List.of(log));
    }

    /**
     * Hands over the batches of the stretch.
     *
     * @param cancelled is asked between polls
     * @throws TidemarkException of kind PERMANENT if the log no longer holds the stretch, TRANSIENT if Kafka does not
     *     deliver or the read was cancelled
     */
    void read(Stretch stretch, BooleanSupplier cancelled, Batches batches) {
        consumer.seek(log, stretch.after() + 1);
        FragmentJoiner joiner = new FragmentJoiner();
        int idle = 0;
        while (true) {
            if (cancelled.getAsBoolean()) {
                throw new TidemarkException(TidemarkException.Kind.TRANSIENT, "stopped while reading " + log);
            }
            boolean any = false;
            for (ConsumerRecord<byte[], byte[]> record : poll(stretch).records(log)) {
                any = true;
                Optional<byte[]> batch = joiner.offer(record.value(), record.headers());
                batch.ifPresent(bytes -> batches.accept(record.offset(), bytes));
                if (record.offset() >= stretch.through()) {
                    return;
                }
            }
            idle = any ? 0 : idle + 1;
            if (idle > MAX_IDLE_POLLS) {
                throw new TidemarkException(
                        TidemarkException.Kind.TRANSIENT,
                        "Kafka delivers nothing of " + log + " up to " + stretch.through() + " for a minute");
            }
        }
    }

    private org.apache.kafka.clients.consumer.ConsumerRecords<byte[], byte[]> poll(Stretch stretch) {
        try {
            return consumer.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            throw TidemarkException.permanent(
                    "the change log " + log + " no longer holds the offsets behind " + stretch.after()
                            + ", which are not in the repository; Kafka lost data: remove and add the source again",
                    e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}

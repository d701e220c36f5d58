package io.tidemark.ingest;

import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchReader;
import io.tidemark.wire.FragmentJoiner;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Finds out where a change log ends. There is no other record of how far a source was captured. */
final class ChangeLogTail {
    private static final Duration POLL = Duration.ofMillis(500);

    private ChangeLogTail() {}

    /** Where the log ends; empty if it holds nothing. Call it after older producers were fenced. */
    static Optional<ResumePoint> read(KafkaSettings kafka, Topics topics) {
        TopicPartition log = new TopicPartition(topics.changes(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer = kafka.consumer(Map.of("client.id", topics.group("tail")))) {
            consumer.assign(List.of(log));
            long begin = consumer.beginningOffsets(List.of(log)).getOrDefault(log, 0L);
            long end = consumer.endOffsets(List.of(log)).getOrDefault(log, 0L);
            // Transaction markers take offsets too, so the last record may be some way back.
            for (long back = 8; ; back *= 8) {
                long from = Math.max(begin, end - back);
                Optional<BatchHeader> last = lastBetween(consumer, log, from, end);
                if (last.isPresent() || from == begin) {
                    return last.map(ChangeLogTail::resumePoint);
                }
            }
        }
    }

    /** What goes with the log. */
    static LogState state(KafkaSettings kafka, Topics topics) {
        TopicPartition topic = new TopicPartition(topics.schema(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer = kafka.consumer(Map.of("client.id", topics.group("schema")))) {
            consumer.assign(List.of(topic));
            consumer.seekToBeginning(List.of(topic));
            long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
            FragmentJoiner joiner = new FragmentJoiner();
            Optional<byte[]> newest = Optional.empty();
            Optional<String> repository = Optional.empty();
            while (consumer.position(topic) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(topic)) {
                    if (LogState.tellsRepository(record.key())) {
                        repository = Optional.of(new String(record.value(), StandardCharsets.US_ASCII));
                    } else {
                        Optional<byte[]> whole = joiner.offer(record.value(), record.headers());
                        newest = whole.isPresent() ? whole : newest;
                    }
                }
            }
            return new LogState(
                    repository,
                    newest.map(json -> Json.read(json, SourceSchema.class, "the schema in topic " + topics.schema())));
        }
    }

    private static Optional<BatchHeader> lastBetween(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition log, long from, long end) {
        Optional<BatchHeader> last = Optional.empty();
        FragmentJoiner joiner = new FragmentJoiner();
        consumer.seek(log, from);
        while (consumer.position(log) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(log)) {
                Optional<BatchHeader> header =
                        joiner.offer(record.value(), record.headers()).map(BatchReader::header);
                if (header.isPresent()) {
                    last = header;
                }
            }
        }
        return last;
    }

    private static ResumePoint resumePoint(BatchHeader last) {
        return new ResumePoint(
                last.epoch(), last.coordinate(), last.resume(), last.firstIndex() + last.count(), last.last());
    }
}

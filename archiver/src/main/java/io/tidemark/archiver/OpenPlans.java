package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The stretches of one change log that are planned and not archived, in whatever partition of the plans they wait. Plans
 * of transactions whose end Kafka has not told yet count too: of two plans that were made one after the other, the later
 * one may be seen first. Not thread-safe.
 */
final class OpenPlans implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int MAX_IDLE_POLLS = 50;

    private final String topic;
    private final String group;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;

    OpenPlans(KafkaSettings kafka, Topics topics, Admin admin) {
        topic = topics.segments();
        group = topics.group(SegmentWorker.GROUP);
        this.admin = admin;
        consumer = kafka.consumer(Map.of(
                "isolation.level",
                "read_uncommitted",
                "max.poll.records",
                100,
                "client.id",
                topics.group("open-plans")));
    }

    /**
     * The offset behind which the first of them begins; empty if there is none. The plans of one partition stand in the order
     * of the log, so that each is read up to its first open one only.
     *
     * @param archived whether a stretch is in the catalog
     * @throws TidemarkException of kind TRANSIENT if Kafka does not tell
     */
    OptionalLong firstAfter(Predicate<Stretch> archived) throws InterruptedException {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, OffsetAndMetadata> done = done();
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata committed = done.get(partition);
            long begin = begins.getOrDefault(partition, 0L);
            consumer.seek(partition, committed == null ? begin : Math.max(begin, committed.offset()));
        }
        return read(new HashSet<>(partitions), ends, archived);
    }

    private Map<TopicPartition, OffsetAndMetadata> done() throws InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (ExecutionException e) {
            throw TidemarkException.transientFailure(
                    "Kafka does not tell how far the plans in " + topic + " are carried out: " + e.getMessage(), e);
        }
    }

    private OptionalLong read(Set<TopicPartition> unread, Map<TopicPartition, Long> ends, Predicate<Stretch> archived) {
        OptionalLong first = OptionalLong.empty();
        int idle = 0;
        while (true) {
            unread.removeIf(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
            if (unread.isEmpty()) {
                return first;
            }
            consumer.assign(unread);
            boolean any = false;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                any = true;
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                Stretch stretch = Json.read(record.value(), SegmentPlan.class, "a plan in " + topic)
                        .stretch();
                if (unread.contains(partition) && !archived.test(stretch)) {
                    first = OptionalLong.of(Math.min(first.orElse(Long.MAX_VALUE), stretch.after()));
                    unread.remove(partition);
                }
            }
            idle = any ? 0 : idle + 1;
            if (idle > MAX_IDLE_POLLS) {
                throw new TidemarkException(
                        TidemarkException.Kind.TRANSIENT, "Kafka does not deliver the plans in " + topic);
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}

package io.tidemark.wire;

import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;

/** Makes the topics that one source's backup runs over. */
public final class SourceTopics {
    /** How many workers can archive segments of one source at once. */
    private static final int SEGMENT_PARTITIONS = 4;
    /** How many workers can merge segments of one source at once. */
    private static final int COMPACTION_PARTITIONS = 2;

    private static final int MAX_BATCH_BYTES = 8 << 20;
    /** What brokers take where nothing else is configured. */
    private static final int USUAL_BATCH_BYTES = 1 << 20;

    private static final String UNLIMITED = "-1";

    private SourceTopics() {}

    /** Makes what is missing; nothing that exists is changed. */
    public static void create(KafkaSettings kafka, Topics topics) {
        Map<String, String> keepForEver = Map.of("retention.ms", UNLIMITED, "retention.bytes", UNLIMITED);
        try (Admin admin = kafka.admin()) {
            Map<String, String> changeLog = new HashMap<>(keepForEver);
            if (isSingleBroker(admin)) {
                // Nobody else has the data when the source is told that it may forget it: it must be on the disk. That
                // is
                // as dear for a small batch as for a large one.
                changeLog.put("flush.messages", "1");
                changeLog.put("max.message.bytes", Integer.toString(MAX_BATCH_BYTES));
            }
            kafka.createTopics(
                    admin,
                    List.of(
                            topic(topics.changes(), 1).configs(changeLog),
                            topic(topics.schema(), 1).configs(Map.of("cleanup.policy", "compact")),
                            topic(topics.segments(), SEGMENT_PARTITIONS).configs(keepForEver),
                            topic(topics.compactions(), COMPACTION_PARTITIONS),
                            topic(topics.snapshots(), 1),
                            topic(topics.commits(), 1)));
        }
    }

    /** The largest batch of records that a topic takes. */
    public static int maxBatchBytes(KafkaSettings kafka, String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = kafka.admin()) {
            Map<ConfigResource, Config> configs =
                    answer(admin.describeConfigs(List.of(resource)).all(), "the configuration of the topic " + topic);
            return configs.values().stream()
                    .flatMap(config -> config.entries().stream())
                    .filter(entry -> entry.name().equals("max.message.bytes"))
                    .mapToInt(entry -> Integer.parseInt(entry.value()))
                    .findFirst()
                    .orElse(USUAL_BATCH_BYTES);
        }
    }

    private static boolean isSingleBroker(Admin admin) {
        return answer(admin.describeCluster().nodes(), "its brokers").size() == 1;
    }

    private static <T> T answer(KafkaFuture<T> future, String what) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw TidemarkException.transientFailure("Kafka does not tell " + what + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.transientFailure("interrupted while Kafka was asked for " + what, e);
        }
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty());
    }
}

package io.tidemark.wire;

import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Makes the topics that one source's backup runs over. */
public final class SourceTopics {
    /** How many workers can archive segments of one source at once. */
    private static final int SEGMENT_PARTITIONS = 4;
    /** How many workers can merge segments of one source at once. */
    private static final int COMPACTION_PARTITIONS = 2;

    private static final String UNLIMITED = "-1";

    private SourceTopics() {}

    /** Makes what is missing; nothing that exists is changed. */
    public static void create(KafkaSettings kafka, Topics topics) {
        Map<String, String> keepForEver = Map.of("retention.ms", UNLIMITED, "retention.bytes", UNLIMITED);
        try (Admin admin = kafka.admin()) {
            Map<String, String> changeLog = new HashMap<>(keepForEver);
            if (isSingleBroker(admin)) {
                // Nobody else has the data when the source is told that it may forget it: it must be on the disk.
                changeLog.put("flush.messages", "1");
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

    private static boolean isSingleBroker(Admin admin) {
        try {
            return admin.describeCluster().nodes().get().size() == 1;
        } catch (ExecutionException e) {
            throw TidemarkException.transientFailure("Kafka does not tell its brokers: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.transientFailure("interrupted while making topics", e);
        }
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty());
    }
}

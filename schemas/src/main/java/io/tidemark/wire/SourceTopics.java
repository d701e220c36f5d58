package io.tidemark.wire;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Makes the topics that one source's backup runs over. */
public final class SourceTopics {
    /** How many workers can archive segments of one source at once. */
    private static final int SEGMENT_PARTITIONS = 4;

    private static final String UNLIMITED = "-1";

    private SourceTopics() {}

    /** Makes what is missing; nothing that exists is changed. */
    public static void create(KafkaSettings kafka, Topics topics) {
        Map<String, String> keepForEver = Map.of("retention.ms", UNLIMITED, "retention.bytes", UNLIMITED);
        try (Admin admin = kafka.admin()) {
            kafka.createTopics(
                    admin,
                    List.of(
                            topic(topics.changes(), 1).configs(keepForEver),
                            topic(topics.segments(), SEGMENT_PARTITIONS).configs(keepForEver),
                            topic(topics.snapshots(), 1),
                            topic(topics.commits(), 1)));
        }
    }

    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, Optional.of(partitions), Optional.empty());
    }
}

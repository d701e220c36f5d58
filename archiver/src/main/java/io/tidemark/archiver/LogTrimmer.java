package io.tidemark.archiver;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes from a change log what is in the catalog and what every reader of the log is done with, never more than that: a
 * stretch of any epoch that is planned and waits for its worker ends what may go. The last archived stretch stays, because the
 * log's last record says where ingest goes on.
 */
final class LogTrimmer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogTrimmer.class);

    private final Topics topics;
    private final Catalog catalog;
    private final List<String> readers;
    private final Admin admin;
    private final OpenPlans plans;

    /**
     * @param readers consumer groups that read the log and must not lose what they have not read
     */
    LogTrimmer(KafkaSettings kafka, Topics topics, Catalog catalog, List<String> readers) {
        this.topics = topics;
        this.catalog = catalog;
        this.readers = List.copyOf(readers);
        admin = kafka.admin();
        plans = new OpenPlans(kafka, topics, admin);
    }

    /** Deletes what may go. A failure is logged and left to the next call, since nothing depends on it. */
    void trim() throws InterruptedException {
        long before = catalog.history(topics.source())
                        .newest()
                        .map(archived -> archived.stretch().after())
                        .orElse(-1L)
                + 1;
        if (before <= 0) {
            return;
        }
        TopicPartition log = new TopicPartition(topics.changes(), 0);
        try {
            // What the catalog held before was planned before, and is seen among the plans if it is still open.
            OptionalLong open = plans.firstAfter(stretch -> catalog.holds(topics.source(), stretch));
            before = Math.min(before, open.orElse(Long.MAX_VALUE - 1) + 1);
            for (String group : readers) {
                Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata()
                        .get();
                OffsetAndMetadata committed = offsets.get(log);
                before = Math.min(before, committed == null ? 0 : committed.offset());
            }
            if (before > 0) {
                admin.deleteRecords(Map.of(log, RecordsToDelete.beforeOffset(before)))
                        .all()
                        .get();
            }
        } catch (ExecutionException | KafkaException | TidemarkException e) {
            LOG.warn("cannot trim {} before {}; it is tried again after the next segment", log, before, e);
        }
    }

    @Override
    public void close() {
        plans.close();
        admin.close();
    }
}

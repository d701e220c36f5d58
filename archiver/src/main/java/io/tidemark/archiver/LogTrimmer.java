package io.tidemark.archiver;

import io.tidemark.repository.catalog.Catalog;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes from a change log what is in the catalog and what every reader of the log is done with. The last archived
 * stretch stays, because the log's last record says where ingest goes on.
 */
final class LogTrimmer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogTrimmer.class);

    private final Topics topics;
    private final Catalog catalog;
    private final List<String> readers;
    private final Admin admin;

    /**
     * @param readers consumer groups that read the log and must not lose what they have not read
     */
    LogTrimmer(KafkaSettings kafka, Topics topics, Catalog catalog, List<String> readers) {
        this.topics = topics;
        this.catalog = catalog;
        this.readers = List.copyOf(readers);
        admin = kafka.admin();
    }

    /** Deletes what may go. A failure is logged and left to the next call, since nothing depends on it. */
    void trim() throws InterruptedException {
        long before = catalog.history(topics.source())
                        .newest()
                        .map(archived -> archived.stretch().after())
                        .orElse(-1L)
                + 1;
        TopicPartition log = new TopicPartition(topics.changes(), 0);
        try {
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
        } catch (ExecutionException e) {
            LOG.warn("cannot trim {} before {}; it is tried again after the next segment", log, before, e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}

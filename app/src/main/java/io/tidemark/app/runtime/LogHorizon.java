package io.tidemark.app.runtime;

import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Compares the end of a change log with what is in the repository. */
final class LogHorizon implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** The marker of the last Kafka transaction stands behind the last record. */
    private static final long MARKERS = 2;

    private final String source;
    private final TopicPartition log;
    private final Admin admin;

    LogHorizon(KafkaSettings kafka, Topics topics) {
        source = topics.source();
        log = new TopicPartition(topics.changes(), 0);
        admin = kafka.admin();
    }

    /** Waits until nothing but a transaction marker is left that is not in the catalog; false if it takes too long. */
    boolean awaitArchived(Catalog catalog, Deadline deadline) throws InterruptedException {
        long end = end(deadline);
        while (!deadline.hasPassed()) {
            catalog.refresh();
            Optional<Position> horizon =
                    catalog.knows(source) ? catalog.history(source).horizon() : Optional.empty();
            if (end == 0 || (horizon.isPresent() && horizon.get().offset() >= end - MARKERS)) {
                return true;
            }
            Thread.sleep(PAUSE.toMillis());
        }
        return false;
    }

    /** Behind the last record, committed or not: Kafka writes the marker of a commit a little after the commit returns. */
    private long end(Deadline deadline) throws InterruptedException {
        try {
            return admin.listOffsets(
                            Map.of(log, OffsetSpec.latest()), new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .partitionResult(log)
                    .get(deadline.left().toMillis(), TimeUnit.MILLISECONDS)
                    .offset();
        } catch (ExecutionException | TimeoutException e) {
            throw TidemarkException.transientFailure(
                    "Kafka does not tell the end of " + log + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}

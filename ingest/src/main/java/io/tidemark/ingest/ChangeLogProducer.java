package io.tidemark.ingest;

import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.Fragments;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SourceTopics;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The only producer of a change log and of what goes with it. Opening it fences every older one. Batches go into Kafka
 * transactions that are committed every so many bytes or milliseconds. Thread-safe. Failures are of kind FENCED if
 * another one was opened, TRANSIENT otherwise.
 */
final class ChangeLogProducer implements AutoCloseable {
    /** When a Kafka transaction is committed. */
    private record Due(long bytes, Duration interval) {}

    private static final Due STREAMING = new Due(8L << 20, Duration.ofMillis(50));
    /** Nothing can be restored before the copy ends, and it begins anew if it does not. */
    private static final Due COPYING = new Due(64L << 20, Duration.ofSeconds(1));

    private static final int MAX_REQUEST_BYTES = 8 << 20;
    private static final int TRANSACTION_TIMEOUT_MILLIS = 600_000;
    private static final int MAX_BATCH_BYTES = 2 << 20;
    /** A batch may be so many times larger than it seemed when it was closed, if what came last compresses badly. */
    private static final int ROOM = 4;

    private final Topics topics;
    private final KafkaProducer<byte[], byte[]> producer;

    private boolean transactionOpen;
    private long transactionBytes;
    private long transactionBeganNanos;
    private String sentResume = "";
    private Optional<String> committedResume = Optional.empty();

    ChangeLogProducer(KafkaSettings kafka, Topics topics) {
        this.topics = topics;
        producer = kafka.producer(Map.of(
                "transactional.id",
                topics.group("ingest"),
                "client.id",
                topics.group("ingest"),
                "max.request.size",
                MAX_REQUEST_BYTES,
                // A copy may wait for minutes for a table that somebody has locked.
                "transaction.timeout.ms",
                TRANSACTION_TIMEOUT_MILLIS,
                // The broker writes batch by batch to the disk, each with the same pains.
                "batch.size",
                Math.min(MAX_BATCH_BYTES, SourceTopics.maxBatchBytes(kafka, topics.changes()) / ROOM)));
        fenced(producer::initTransactions);
    }

    /**
     * Appends a batch, and in the same Kafka transaction the schema that is valid behind it.
     *
     * @param resume where the source goes on behind the batch; empty while the initial copy is under way
     */
    synchronized void append(byte[] batch, String resume, Optional<SourceSchema> schema) {
        append(topics.changes(), false, batch);
        schema.ifPresent(changed -> append(topics.schema(), true, Json.bytes(changed)));
        sentResume = resume;
        commitIfDue();
    }

    /**
     * Says which repository the epoch belongs to. Comes behind the epoch's beginning: the end of another repository's epoch
     * must not be taken for this one's.
     */
    synchronized void claim(String repository) {
        append(topics.schema(), LogState.repositoryKey(), repository.getBytes(StandardCharsets.US_ASCII), List.of());
    }

    /** Keyed by the number of the fragment, so that a compacted topic keeps all fragments of the newest value. */
    private void append(String topic, boolean keyed, byte[] value) {
        int number = 0;
        for (Fragments.Fragment fragment : Fragments.split(value)) {
            byte[] key = keyed ? Integer.toString(number++).getBytes(StandardCharsets.US_ASCII) : null;
            append(topic, key, fragment.value(), fragment.headers());
        }
    }

    private void append(String topic, byte @Nullable [] key, byte[] value, List<Header> headers) {
        if (!transactionOpen) {
            fenced(producer::beginTransaction);
            transactionOpen = true;
            transactionBytes = 0;
            transactionBeganNanos = System.nanoTime();
        }
        // A failed send makes the commit fail, which is where it is told.
        fenced(() -> {
            Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(topic, 0, null, key, value, headers));
        });
        transactionBytes += value.length;
    }

    /** Commits the Kafka transaction if it is large or old enough. */
    synchronized void commitIfDue() {
        Due due = sentResume.isEmpty() ? COPYING : STREAMING;
        if (transactionOpen
                && (transactionBytes >= due.bytes()
                        || System.nanoTime() - transactionBeganNanos
                                >= due.interval().toNanos())) {
            commit();
        }
    }

    /** Commits what was appended. */
    synchronized void commit() {
        if (transactionOpen) {
            fenced(producer::commitTransaction);
            transactionOpen = false;
            committedResume = Optional.of(sentResume).filter(r -> !r.isEmpty());
        }
    }

    /** Up to where the source may forget; empty if nothing was committed since the last call. */
    synchronized Optional<String> takeCommittedResume() {
        Optional<String> taken = committedResume;
        committedResume = Optional.empty();
        return taken;
    }

    private void fenced(Runnable call) {
        try {
            call.run();
        } catch (KafkaException e) {
            if (isFenced(e)) {
                throw new TidemarkException(
                        TidemarkException.Kind.FENCED,
                        "another ingest of " + topics.source() + " has taken over; this one ends",
                        e);
            }
            throw TidemarkException.transientFailure(
                    "cannot write to the change log " + topics.changes() + ": " + e.getMessage(), e);
        }
    }

    /**
     * A producer in an error state wraps what brought it there; beginning anew would fence the one that took over. A commit of
     * a transaction that whoever took over has aborted is answered with an invalid state, not with a fence (KIP-890).
     */
    private static boolean isFenced(Throwable failure) {
        return failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException
                || failure instanceof InvalidTxnStateException
                || failure instanceof FencedInstanceIdException
                || (failure.getCause() != null && isFenced(failure.getCause()));
    }

    /** Drops what was not committed. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}

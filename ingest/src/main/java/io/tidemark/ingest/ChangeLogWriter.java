package io.tidemark.ingest;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.BatchBuilder;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchHeader.Kind;
import io.tidemark.wire.ChangeBatchSchema;
import io.tidemark.wire.Fragments;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
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
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/**
 * The only writer of a change log. Opening it fences every older one. Batches go into Kafka transactions that are
 * committed every so many bytes or milliseconds; each batch says where the source goes on, so that data and offset are
 * one. Only the copy writers may be used by several threads.
 */
final class ChangeLogWriter implements ChangeSink, AutoCloseable {
    private static final int BATCH_BYTES = 256 * 1024;
    private static final long COMMIT_BYTES = 8L << 20;
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(50);

    private final Topics topics;
    private final SchemaRegistry registry;
    private final KafkaProducer<byte[], byte[]> producer;
    private final int envelopeId;
    private final BatchBuilder builder;

    private int epoch;
    private TransactionStart transaction = new TransactionStart("", "", 0);
    private String resume = "";
    private boolean inTransaction;
    private boolean wanted;
    private long nextIndex;
    private long skip;
    private final List<String> seals = new ArrayList<>();
    private Optional<SourceSchema> changedSchema = Optional.empty();
    private String lastSeal = "";

    private boolean kafkaTransactionOpen;
    private long kafkaTransactionBytes;
    private long kafkaTransactionBeganNanos;
    private String sentResume = "";
    private Optional<String> committedResume = Optional.empty();

    ChangeLogWriter(KafkaSettings kafka, Topics topics, SchemaRegistry registry) {
        this.topics = topics;
        this.registry = registry;
        envelopeId = registry.register(topics.changes() + "-value", ChangeBatchSchema.load());
        builder = new BatchBuilder(envelopeId);
        producer = kafka.producer(Map.of(
                "transactional.id",
                topics.group("ingest"),
                "client.id",
                topics.group("ingest"),
                "max.request.size",
                4 << 20));
        fenced(producer::initTransactions);
    }

    /** Begins a new epoch of the log. */
    void beginEpoch(int newEpoch, String reason) {
        epoch = newEpoch;
        transaction = new TransactionStart("", "", 0);
        resume = "";
        inTransaction = true;
        nextIndex = 0;
        changedSchema = Optional.empty();
        send(header(Kind.EPOCH, 0, false, reason), builder);
        commitKafka();
    }

    /** Goes on with the log where it ends. */
    void resumeAt(ResumePoint point) {
        epoch = point.epoch();
        transaction = new TransactionStart("", point.coordinate(), 0);
        resume = point.resume();
        inTransaction = !point.complete();
        nextIndex = point.nextIndex();
    }

    @Override
    public int register(RowSchema schema) {
        String subject = "tidemark." + topics.source() + ".rows." + schema.collection();
        return registry.register(subject, schema.toAvro());
    }

    @Override
    public void schema(SourceSchema schema) {
        flush(false);
        send(header(Kind.SCHEMA, 0, !inTransaction, Json.text(schema)), builder);
        changedSchema = Optional.of(schema);
        wanted = true;
    }

    @Override
    public void begin(TransactionStart start, long skipChanges) {
        transaction = start;
        inTransaction = true;
        wanted = false;
        nextIndex = 0;
        skip = skipChanges;
    }

    @Override
    public void change(
            Op op,
            int schemaId,
            ByteSink key,
            @Nullable ByteSink movedFrom,
            @Nullable ByteSink before,
            @Nullable ByteSink after) {
        if (skip > 0) {
            skip--;
            nextIndex++;
            return;
        }
        builder.add(op, schemaId, key, movedFrom, before, after);
        if (builder.sizeBytes() >= BATCH_BYTES) {
            flush(false);
        }
    }

    @Override
    public void heartbeat() {
        wanted = true;
    }

    @Override
    public void seal(String id) {
        seals.add(id);
        wanted = true;
    }

    @Override
    public void commit(String resumeBehind) {
        resume = resumeBehind;
        if (builder.count() > 0 || nextIndex > 0 || wanted) {
            flush(true);
        }
        inTransaction = false;
        if (!seals.isEmpty()) {
            lastSeal = seals.get(seals.size() - 1);
            seals.clear();
        }
    }

    /** The id of the last request to close a segment that came through the source; empty text if none did. */
    String lastSeal() {
        return lastSeal;
    }

    /** Asks for a cut here, whether or not a transaction is open, and commits. */
    void sealHere(String id) {
        flush(false);
        send(header(Kind.SEAL, 0, !inTransaction, id), builder);
        commitKafka();
    }

    private void flush(boolean last) {
        if (builder.count() > 0 || last) {
            BatchHeader header = header(Kind.TRANSACTION, builder.count(), last, last ? String.join(",", seals) : "");
            nextIndex += header.count();
            if (last) {
                sendLast(header);
            } else {
                send(header, builder);
            }
        }
    }

    /** The end of a transaction and the schema it leaves behind are in one Kafka transaction. */
    private synchronized void sendLast(BatchHeader header) {
        byte[] batch = builder.build(header);
        append(topics.changes(), false, batch);
        changedSchema.ifPresent(schema -> append(topics.schema(), true, Json.bytes(schema)));
        changedSchema = Optional.empty();
        sentResume = header.resume();
        commitKafkaIfDue();
    }

    private BatchHeader header(Kind kind, int count, boolean last, String note) {
        return new BatchHeader(
                epoch,
                kind,
                transaction.id(),
                transaction.coordinate(),
                resume,
                transaction.committedAtMicros(),
                nextIndex,
                last,
                count,
                note);
    }

    @Override
    public CopyWriter copyWriter() {
        return new RowWriter();
    }

    @Override
    public void endCopy(TransactionStart copy, String resumeBehind) {
        transaction = copy;
        resume = resumeBehind;
        inTransaction = false;
        nextIndex = 0;
        sendLast(header(Kind.COPY, 0, true, ""));
        commitKafka();
    }

    private final class RowWriter implements CopyWriter {
        private final BatchBuilder rows = new BatchBuilder(envelopeId);

        @Override
        public void row(int schemaId, ByteSink key, ByteSink row) {
            rows.add(Op.READ, schemaId, key, null, null, row);
            if (rows.sizeBytes() >= BATCH_BYTES) {
                flush();
            }
        }

        @Override
        public void flush() {
            if (rows.count() > 0) {
                send(header(Kind.COPY, rows.count(), false, ""), rows);
            }
        }
    }

    /** Sends one batch, in a Kafka transaction that is committed when it is due. */
    private void send(BatchHeader header, BatchBuilder changes) {
        byte[] batch = changes.build(header);
        synchronized (this) {
            append(topics.changes(), false, batch);
            sentResume = header.resume();
            commitKafkaIfDue();
        }
    }

    /** Keyed by the number of the fragment, so that a compacted topic keeps all fragments of the newest value. */
    private void append(String topic, boolean keyed, byte[] value) {
        if (!kafkaTransactionOpen) {
            fenced(producer::beginTransaction);
            kafkaTransactionOpen = true;
            kafkaTransactionBytes = 0;
            kafkaTransactionBeganNanos = System.nanoTime();
        }
        int number = 0;
        for (Fragments.Fragment fragment : Fragments.split(value)) {
            byte[] key = keyed ? Integer.toString(number++).getBytes(StandardCharsets.US_ASCII) : null;
            // A failed send makes the commit fail, which is where it is told.
            fenced(() -> {
                Future<RecordMetadata> unused =
                        producer.send(new ProducerRecord<>(topic, 0, null, key, fragment.value(), fragment.headers()));
            });
        }
        kafkaTransactionBytes += value.length;
    }

    /** Commits the Kafka transaction if it is large or old enough. */
    synchronized void commitKafkaIfDue() {
        boolean due = kafkaTransactionOpen
                && (kafkaTransactionBytes >= COMMIT_BYTES
                        || System.nanoTime() - kafkaTransactionBeganNanos >= COMMIT_INTERVAL.toNanos());
        if (due) {
            commitKafka();
        }
    }

    private synchronized void commitKafka() {
        if (kafkaTransactionOpen) {
            fenced(producer::commitTransaction);
            kafkaTransactionOpen = false;
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

    /** A producer in an error state wraps what brought it there; beginning anew would fence the one that took over. */
    private static boolean isFenced(Throwable failure) {
        return failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException
                || failure instanceof FencedInstanceIdException
                || (failure.getCause() != null && isFenced(failure.getCause()));
    }

    /** Drops what was not committed. */
    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}

package io.tidemark.ingest;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.wire.BatchBuilder;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchHeader.Kind;
import io.tidemark.wire.ChangeBatchSchema;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the batches of a change log out of a source's transactions. Each says where the source goes on, so that data and
 * offset are one. Only the copy writers may be used by several threads.
 */
final class ChangeLogWriter implements ChangeSink {
    private static final int BATCH_BYTES = 256 * 1024;

    private final Topics topics;
    private final SchemaRegistry registry;
    private final ChangeLogProducer log;
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

    ChangeLogWriter(ChangeLogProducer log, Topics topics, SchemaRegistry registry) {
        this.log = log;
        this.topics = topics;
        this.registry = registry;
        envelopeId = registry.register(topics.changes() + "-value", ChangeBatchSchema.load());
        builder = new BatchBuilder(envelopeId);
    }

    /**
     * Begins a new epoch of the log.
     *
     * @param repository where it will be archived
     */
    void beginEpoch(int newEpoch, String reason, String repository) {
        epoch = newEpoch;
        transaction = new TransactionStart("", "", 0);
        resume = "";
        inTransaction = true;
        nextIndex = 0;
        changedSchema = Optional.empty();
        send(header(Kind.EPOCH, 0, false, reason), builder);
        log.claim(repository);
        log.commit();
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
    public void skipNoMore() {
        nextIndex += skip;
        skip = 0;
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
        log.commit();
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

    private void sendLast(BatchHeader header) {
        log.append(builder.build(header), header.resume(), changedSchema);
        changedSchema = Optional.empty();
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
        log.commit();
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

    private void send(BatchHeader header, BatchBuilder changes) {
        log.append(changes.build(header), header.resume(), Optional.empty());
    }
}

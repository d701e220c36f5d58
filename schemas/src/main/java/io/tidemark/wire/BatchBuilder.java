package io.tidemark.wire;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import org.jspecify.annotations.Nullable;

/** Collects changes and frames them, with a header, as one record of the change log. Reusable; not thread-safe. */
public final class BatchBuilder {
    private final int envelopeId;
    private final ByteSink changes = new ByteSink(64 * 1024);
    private int count;

    /**
     * @param envelopeId the registry id of {@link ChangeBatchSchema}
     */
    public BatchBuilder(int envelopeId) {
        this.envelopeId = envelopeId;
    }

    /** Adds one change; its bytes are copied. */
    public void add(
            Op op,
            int schemaId,
            ByteSink key,
            @Nullable ByteSink movedFrom,
            @Nullable ByteSink before,
            @Nullable ByteSink after) {
        changes.writeLong(op.ordinal());
        changes.writeLong(schemaId);
        changes.writeBytes(key.array(), 0, key.length());
        writeOptional(movedFrom);
        writeOptional(before);
        writeOptional(after);
        count++;
    }

    public int count() {
        return count;
    }

    /** Bytes collected so far. */
    public int sizeBytes() {
        return changes.length();
    }

    /** The framed record; the builder is empty afterwards. The header's count must be {@link #count()}. */
    public byte[] build(BatchHeader header) {
        if (header.count() != count) {
            throw new IllegalArgumentException("header says " + header.count() + " changes, batch has " + count);
        }
        ByteSink record = new ByteSink(changes.length() + 128 + header.note().length());
        ConfluentFrame.writeHeader(envelopeId, record);
        header.writeTo(record);
        if (count > 0) {
            record.writeLong(count);
            record.write(changes);
        }
        record.writeByte(0);
        changes.clear();
        count = 0;
        return record.toByteArray();
    }

    private void writeOptional(@Nullable ByteSink value) {
        if (value == null) {
            changes.writeByte(0);
        } else {
            changes.writeByte(2);
            changes.writeBytes(value.array(), 0, value.length());
        }
    }
}

package io.tidemark.wire;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import java.nio.charset.StandardCharsets;

/**
 * What a change batch says besides its changes. Its Avro form comes first in the record, so that whoever plans need
 * not read the changes.
 *
 * @param epoch counts how often the log was begun anew
 * @param kind what the record is
 * @param transaction the source's name of the transaction
 * @param coordinate the source's place of the commit
 * @param resume where the source goes on once this record is in the log; only the source understands it
 * @param committedAtMicros commit time, µs since 1970 UTC
 * @param firstIndex the place in its transaction of the batch's first change
 * @param last whether the transaction ends with this batch; true for records between transactions
 * @param count how many changes the batch holds
 * @param note see {@code change-batch.avsc}
 */
public record BatchHeader(
        int epoch,
        Kind kind,
        String transaction,
        String coordinate,
        String resume,
        long committedAtMicros,
        long firstIndex,
        boolean last,
        int count,
        String note) {

    /** What a record of the change log is. The order is part of the format. */
    public enum Kind {
        /** The first record of an epoch. */
        EPOCH,
        /** Rows of the initial copy, which counts as one transaction. */
        COPY,
        /** A stretch of a transaction. */
        TRANSACTION,
        /** The source schema as of here. */
        SCHEMA,
        /** A request to close the open segment here. */
        SEAL;

        private static final Kind[] ALL = values();
    }

    /** Whether a transaction, or the initial copy, is complete with this record. */
    public boolean endsTransaction() {
        return last && (kind == Kind.TRANSACTION || kind == Kind.COPY);
    }

    void writeTo(ByteSink target) {
        target.writeLong(epoch);
        target.writeLong(kind.ordinal());
        writeString(transaction, target);
        writeString(coordinate, target);
        writeString(resume, target);
        target.writeLong(committedAtMicros);
        target.writeLong(firstIndex);
        target.writeByte(last ? 1 : 0);
        target.writeLong(count);
        writeString(note, target);
    }

    static BatchHeader readFrom(ByteCursor cursor) {
        return readFrom(cursor, true);
    }

    static BatchHeader readWithoutSchema(ByteCursor cursor) {
        return readFrom(cursor, false);
    }

    private static BatchHeader readFrom(ByteCursor cursor, boolean withSchema) {
        int epoch = cursor.readInt();
        Kind kind = Kind.ALL[cursor.readInt()];
        String transaction = cursor.readString();
        String coordinate = cursor.readString();
        String resume = cursor.readString();
        long committedAtMicros = cursor.readLong();
        long firstIndex = cursor.readLong();
        boolean last = cursor.readByte() == 1;
        int count = cursor.readInt();
        String note = kind == Kind.SCHEMA && !withSchema ? "" : cursor.readString();
        return new BatchHeader(
                epoch, kind, transaction, coordinate, resume, committedAtMicros, firstIndex, last, count, note);
    }

    private static void writeString(String text, ByteSink target) {
        target.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}

package io.tidemark.wire;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.Op;

/**
 * Reads the changes of one change batch in place. {@link #next()} moves to the next change; the accessors then tell
 * where its parts lie in {@link #array()}. A part that is absent has length -1. Reusable; not thread-safe.
 */
public final class BatchReader {
    private final ByteCursor cursor = new ByteCursor();
    private long leftInBlock;
    private boolean ended;

    private Op op = Op.READ;
    private int schemaId;
    private int start;
    private final Span key = new Span();
    private final Span movedFrom = new Span();
    private final Span before = new Span();
    private final Span after = new Span();

    /** A part of the record: where it starts and its length in bytes, -1 if it is absent. */
    public static final class Span {
        private int start;
        private int length;

        public int start() {
            return start;
        }

        public int length() {
            return length;
        }

        public boolean isPresent() {
            return length >= 0;
        }
    }

    /**
     * Reads the header of a record, or of its first fragment. The note of a SCHEMA record, which may not be there whole,
     * is left out.
     */
    public static BatchHeader header(byte[] firstFragment) {
        ByteCursor cursor = new ByteCursor();
        ConfluentFrame.schemaId(firstFragment);
        cursor.reset(firstFragment, ConfluentFrame.HEADER_BYTES, firstFragment.length);
        return BatchHeader.readWithoutSchema(cursor);
    }

    /** Starts on a framed record and returns its header. */
    public BatchHeader open(byte[] record) {
        ConfluentFrame.schemaId(record);
        cursor.reset(record, ConfluentFrame.HEADER_BYTES, record.length);
        leftInBlock = 0;
        ended = false;
        return BatchHeader.readFrom(cursor);
    }

    /** Starts on one change at a place that {@link #start()} told before. */
    public void openAt(byte[] record, int changeStart) {
        cursor.reset(record, changeStart, record.length);
        readChange();
    }

    /** Moves to the next change; false behind the last one. */
    public boolean next() {
        if (ended) {
            return false;
        }
        if (leftInBlock == 0) {
            leftInBlock = cursor.readLong();
            if (leftInBlock < 0) {
                leftInBlock = -leftInBlock;
                cursor.readLong();
            }
            if (leftInBlock == 0) {
                ended = true;
                return false;
            }
        }
        leftInBlock--;
        readChange();
        return true;
    }

    public byte[] array() {
        return cursor.array();
    }

    /** Where the change begins in the record. */
    public int start() {
        return start;
    }

    public Op op() {
        return op;
    }

    public int schemaId() {
        return schemaId;
    }

    public Span key() {
        return key;
    }

    public Span movedFrom() {
        return movedFrom;
    }

    public Span before() {
        return before;
    }

    public Span after() {
        return after;
    }

    private void readChange() {
        start = cursor.position();
        op = Op.of(cursor.readInt());
        schemaId = cursor.readInt();
        readBytes(key);
        readOptional(movedFrom);
        readOptional(before);
        readOptional(after);
    }

    private void readBytes(Span span) {
        span.length = cursor.readLength();
        span.start = cursor.position();
        cursor.skip(span.length);
    }

    private void readOptional(Span span) {
        if (cursor.readByte() == 0) {
            span.length = -1;
        } else {
            readBytes(span);
        }
    }
}

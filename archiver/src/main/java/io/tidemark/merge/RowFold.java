package io.tidemark.merge;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.section.Place;
import io.tidemark.repository.section.SectionCursor;
import java.util.Arrays;
import java.util.Optional;

/**
 * The state of one key as its changes are applied in order: how many rows there are (0 or 1 where there is a key, any
 * number in a multiset) and what they look like. Reusable; not thread-safe.
 */
final class RowFold {
    /** Finds the row that another key had just before a place, for rows whose key changed. */
    interface Lookup {
        Optional<byte[]> rowBefore(byte[] key, Place place);
    }

    private final RowSchema schema;
    private final RowCodec codec;
    private final Lookup lookup;
    private final ByteSink incoming = new ByteSink(256);
    private final ByteSink combined = new ByteSink(256);
    private final int[] oldStarts;
    private final int[] newStarts;
    private final ByteCursor cursor = new ByteCursor();
    private final ByteSink state = new ByteSink(256);
    private long count;
    private long offset;
    private int index;

    RowFold(RowSchema schema, Lookup lookup) {
        this.schema = schema;
        this.lookup = lookup;
        codec = new RowCodec(schema);
        oldStarts = new int[codec.columnCount() + 1];
        newStarts = new int[codec.columnCount() + 1];
    }

    void reset() {
        count = 0;
        state.clear();
    }

    /** How many rows the key has; 0 if it has none. */
    long count() {
        return count;
    }

    /** The row, if there is one, in the schema the fold was made for. */
    ByteSink row() {
        return state;
    }

    /** Offset of the change that made the row what it is. */
    long offset() {
        return offset;
    }

    /** Index of the change that made the row what it is. */
    int index() {
        return index;
    }

    void apply(SectionCursor change, RowProjection projection) {
        switch (change.op()) {
            case READ, INSERT -> {
                count = schema.isMultiset() ? count + 1 : 1;
                projection.apply(change.array(), change.afterStart(), change.afterLength(), state);
            }
            case UPDATE -> {
                count = 1;
                projection.apply(change.array(), change.afterStart(), change.afterLength(), state);
            }
            case PATCH -> patch(change, projection);
            case DELETE -> count = schema.isMultiset() ? count - 1 : 0;
            case TRUNCATE ->
                throw TidemarkException.corrupt("a truncation of " + schema.collection()
                        + " stands among its rows; the object " + "was not written by Tidemark");
        }
        offset = change.offset();
        index = change.index();
    }

    private void patch(SectionCursor change, RowProjection projection) {
        projection.apply(change.array(), change.afterStart(), change.afterLength(), incoming);
        byte[] old;
        int oldLength;
        if (change.movedFromLength() >= 0) {
            byte[] oldKey = Arrays.copyOfRange(
                    change.array(), change.movedFromStart(), change.movedFromStart() + change.movedFromLength());
            old = lookup.rowBefore(oldKey, new Place(change.offset(), change.index()))
                    .orElseThrow(() -> noOldRow(change));
            oldLength = old.length;
        } else {
            if (count == 0) {
                throw noOldRow(change);
            }
            old = state.array();
            oldLength = state.length();
        }
        cursor.reset(old, 0, oldLength);
        codec.locate(cursor, oldStarts);
        cursor.reset(incoming.array(), 0, incoming.length());
        codec.locate(cursor, newStarts);
        combined.clear();
        for (int i = 0; i < codec.columnCount(); i++) {
            if (incoming.array()[newStarts[i]] == RowCodec.UNCHANGED) {
                combined.write(old, oldStarts[i], oldStarts[i + 1] - oldStarts[i]);
            } else {
                combined.write(incoming.array(), newStarts[i], newStarts[i + 1] - newStarts[i]);
            }
        }
        state.clear();
        state.write(combined);
        count = 1;
    }

    private TidemarkException noOldRow(SectionCursor change) {
        return TidemarkException.corrupt("the change at " + change.offset() + "." + change.index() + " of "
                + schema.collection() + " leaves columns out, but the repository holds no row before it");
    }
}

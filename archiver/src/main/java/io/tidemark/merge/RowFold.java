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
 * number in a multiset) and what they look like. What a row inherits from another key, under which it stood before, is
 * looked up only when all changes are applied and it still matters. Reusable; not thread-safe.
 */
final class RowFold {
    /** Finds the row that stood under another key just before it was moved away. */
    interface Lookup {
        byte[] rowBefore(byte[] key, Place place);
    }

    private record Origin(byte[] key, Place place) {}

    private final RowSchema schema;
    private final RowCodec codec;
    private final ByteSink incoming = new ByteSink(256);
    private final ByteSink combined = new ByteSink(256);
    private final int[] oldStarts;
    private final int[] newStarts;
    private final ByteCursor cursor = new ByteCursor();
    private final ByteSink state = new ByteSink(256);
    private Optional<Origin> origin = Optional.empty();
    private boolean known;
    private boolean partial;
    private long count;
    private long offset;
    private int index;

    RowFold(RowSchema schema) {
        this.schema = schema;
        codec = new RowCodec(schema);
        oldStarts = new int[codec.columnCount() + 1];
        newStarts = new int[codec.columnCount() + 1];
    }

    void reset() {
        count = 0;
        known = false;
        partial = false;
        origin = Optional.empty();
    }

    /** How many rows the key has; 0 if it has none. */
    long count() {
        return count;
    }

    /** The row, in the schema the fold was made for; complete after {@link #complete}. */
    ByteSink row() {
        return state;
    }

    /** Whether there is a row, or was one before the last deletion. */
    boolean isKnown() {
        return known;
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
            case READ, INSERT, UPDATE -> {
                count = schema.isMultiset() ? count + 1 : 1;
                projection.apply(change.array(), change.afterStart(), change.afterLength(), state);
                origin = Optional.empty();
                known = true;
                partial = false;
            }
            case PATCH -> patch(change, projection);
            case DELETE -> count = schema.isMultiset() ? count - 1 : 0;
            case TRUNCATE ->
                throw TidemarkException.corrupt("a truncation of " + schema.collection()
                        + " stands among its rows; the object was not written by Tidemark");
        }
        offset = change.offset();
        index = change.index();
    }

    private void patch(SectionCursor change, RowProjection projection) {
        projection.apply(change.array(), change.afterStart(), change.afterLength(), incoming);
        if (change.movedFromLength() >= 0) {
            int start = change.movedFromStart();
            byte[] oldKey = Arrays.copyOfRange(change.array(), start, start + change.movedFromLength());
            origin = Optional.of(new Origin(oldKey, new Place(change.offset(), change.index())));
            partial = true;
            state.clear();
            state.write(incoming);
        } else if (known) {
            partial = overlay(state.array(), state.length());
        } else {
            throw noRowBefore(change.offset(), change.index());
        }
        known = true;
        count = 1;
    }

    /** Fills in what the row inherits from the key it was moved from. */
    void complete(Lookup lookup) {
        if (partial) {
            Origin from = origin.orElseThrow(() -> noRowBefore(offset, index));
            byte[] old = lookup.rowBefore(from.key(), from.place());
            incoming.clear();
            incoming.write(state);
            if (overlay(old, old.length)) {
                throw noRowBefore(offset, index);
            }
            partial = false;
        }
    }

    /** Makes the state of the old row and the incoming one; whether columns are still left out. */
    private boolean overlay(byte[] old, int oldLength) {
        cursor.reset(old, 0, oldLength);
        codec.locate(cursor, oldStarts);
        cursor.reset(incoming.array(), 0, incoming.length());
        codec.locate(cursor, newStarts);
        combined.clear();
        boolean leftOut = false;
        for (int i = 0; i < codec.columnCount(); i++) {
            boolean inherited = incoming.array()[newStarts[i]] == RowCodec.UNCHANGED;
            byte[] from = inherited ? old : incoming.array();
            int[] starts = inherited ? oldStarts : newStarts;
            leftOut |= from[starts[i]] == RowCodec.UNCHANGED;
            combined.write(from, starts[i], starts[i + 1] - starts[i]);
        }
        state.clear();
        state.write(combined);
        return leftOut;
    }

    private TidemarkException noRowBefore(long changeOffset, int changeIndex) {
        return TidemarkException.corrupt("the change at " + changeOffset + "." + changeIndex + " of "
                + schema.collection() + " leaves columns out, but the repository holds no row before it");
    }
}

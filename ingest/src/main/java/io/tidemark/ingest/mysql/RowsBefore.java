package io.tidemark.ingest.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes out of a table as it was read the table as it was before some changes. The changes are told first, in their
 * order; then each row that was read is asked for; then what they took away is handed out. Memory grows with the rows that
 * the changes touch, up to a bound. Not thread-safe.
 */
final class RowsBefore {
    private static final long OVERHEAD_BYTES = 128;

    private final RowSchema schema;
    private final long mostBytes;
    private final Map<Key, Touched> touched = new HashMap<>();
    private @Nullable Iterator<Map.Entry<Key, Touched>> unread;
    private Map.@Nullable Entry<Key, Touched> takenAway;
    private long bytes;

    private record Key(byte[] bytes) {
        static Key of(ByteSink key) {
            return new Key(key.toByteArray());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /** A key that changes touched; where rows have no key, equal rows. */
    private static final class Touched {
        private byte[] row = new byte[0];
        /** How many rows there were before, in a table without a key: how many more than were read. */
        private long before;
    }

    RowsBefore(RowSchema schema, long mostBytes) {
        this.schema = schema;
        this.mostBytes = mostBytes;
    }

    /** A change took this row away, or replaced it. */
    void removed(ByteSink key, ByteSink row) {
        Touched state = touch(key);
        if (state != null) {
            if (state.row.length == 0) {
                state.row = row.toByteArray();
                takes(state.row.length);
            }
            state.before++;
        }
    }

    /** A change brought this row. */
    void added(ByteSink key) {
        Touched state = touch(key);
        if (state != null && schema.isMultiset()) {
            state.before--;
        }
    }

    /** What is counted for a key; null where only its first change matters, and this is a further one. */
    private @Nullable Touched touch(ByteSink key) {
        Key of = Key.of(key);
        Touched known = touched.get(of);
        if (known != null) {
            return schema.isMultiset() ? known : null;
        }
        takes(of.bytes().length + OVERHEAD_BYTES);
        Touched state = new Touched();
        touched.put(of, state);
        return state;
    }

    private void takes(long moreBytes) {
        bytes += moreBytes;
        if (bytes > mostBytes) {
            throw TidemarkException.streamLost("the table " + schema.collection()
                    + " cannot be read again in its place, since so many of its rows changed meanwhile");
        }
    }

    /** Whether a row that was read was there before the changes. Each row is asked for once. */
    boolean stood(ByteSink key) {
        if (touched.isEmpty()) {
            return true;
        }
        Touched state = touched.get(Key.of(key));
        if (state == null || (schema.isMultiset() && state.before >= 0)) {
            return true;
        }
        if (schema.isMultiset()) {
            state.before++;
        }
        return false;
    }

    /** Replaces key and row by those of a further row that was there before the changes and was not read; false if there is none. */
    boolean next(ByteSink key, ByteSink row) {
        Iterator<Map.Entry<Key, Touched>> entries = unread;
        if (entries == null) {
            entries = touched.entrySet().iterator();
            unread = entries;
        }
        Map.Entry<Key, Touched> entry = takenAway;
        while (entry == null || entry.getValue().before == 0) {
            if (!entries.hasNext()) {
                return false;
            }
            entry = entries.next();
        }
        takenAway = entry;
        Touched state = entry.getValue();
        if (state.before < 0) {
            throw TidemarkException.streamLost("rows of " + schema.collection()
                    + " that the binary log brought were not found when the table was read again");
        }
        state.before--;
        key.clear();
        key.write(entry.getKey().bytes());
        row.clear();
        row.write(state.row);
        return true;
    }
}

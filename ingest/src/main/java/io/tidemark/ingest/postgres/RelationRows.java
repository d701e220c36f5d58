package io.tidemark.ingest.postgres;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;

/**
 * One relation of the stream: its registered row schema, and buffers in which the tuples of a message become rows and
 * keys. Not thread-safe.
 */
final class RelationRows {
    private final RowSchema schema;
    private final int schemaId;
    private final RowCodec codec;
    private final RowKey keys;
    private final Tuple old;
    private final Tuple current;
    private final ByteSink merged = new ByteSink(1024);
    private final ByteSink oldKey = new ByteSink(64);
    private final ByteSink currentKey = new ByteSink(64);

    /** A row and where its columns begin. */
    private final class Tuple {
        private final ByteSink row = new ByteSink(1024);
        private final int[] starts = new int[schema.columns().size() + 1];
        private boolean unchanged;

        void read(PgOutputReader in) {
            int columns = in.int16();
            if (columns != schema.columns().size()) {
                throw TidemarkException.corrupt("a tuple of " + schema.collection() + " has " + columns + " columns, "
                        + schema.columns().size() + " expected");
            }
            row.clear();
            unchanged = false;
            for (int i = 0; i < columns; i++) {
                starts[i] = row.length();
                char kind = in.character();
                switch (kind) {
                    case 'n' -> row.writeByte(RowCodec.NULL);
                    case 'u' -> {
                        row.writeByte(RowCodec.UNCHANGED);
                        unchanged = true;
                    }
                    case 't' -> {
                        int length = in.int32();
                        int start = in.position();
                        in.skip(length);
                        codec.writeText(i, in.array(), start, length, row);
                    }
                    default -> throw TidemarkException.corrupt("a tuple holds the unknown kind '" + kind + "'");
                }
            }
            starts[columns] = row.length();
        }
    }

    RelationRows(RowSchema schema, int schemaId) {
        this.schema = schema;
        this.schemaId = schemaId;
        codec = new RowCodec(schema);
        keys = new RowKey(schema);
        old = new Tuple();
        current = new Tuple();
    }

    RowSchema schema() {
        return schema;
    }

    int schemaId() {
        return schemaId;
    }

    void readOld(PgOutputReader in) {
        old.read(in);
    }

    void readCurrent(PgOutputReader in) {
        current.read(in);
    }

    /** Puts the old tuple's values where the current one leaves columns out. */
    void fillFromOld() {
        if (current.unchanged) {
            fill(true);
            current.unchanged = false;
        }
    }

    /** Key columns may be left out too, if they are large; the old key has them. */
    void fillKeyFromOld() {
        if (current.unchanged) {
            fill(false);
        }
    }

    private void fill(boolean allColumns) {
        merged.clear();
        int columns = schema.columns().size();
        int[] starts = new int[columns + 1];
        for (int i = 0; i < columns; i++) {
            boolean left = current.row.array()[current.starts[i]] == RowCodec.UNCHANGED;
            Tuple from = left && (allColumns || schema.key().contains(i)) ? old : current;
            starts[i] = merged.length();
            merged.write(from.row.array(), from.starts[i], from.starts[i + 1] - from.starts[i]);
        }
        starts[columns] = merged.length();
        current.row.clear();
        current.row.write(merged);
        System.arraycopy(starts, 0, current.starts, 0, starts.length);
    }

    /** Whether the current row leaves columns out. */
    boolean isPartial() {
        return current.unchanged;
    }

    ByteSink oldRow() {
        return old.row;
    }

    ByteSink currentRow() {
        return current.row;
    }

    ByteSink oldKey() {
        return key(old, oldKey);
    }

    ByteSink currentKey() {
        return key(current, currentKey);
    }

    /** The key of a row that did not come as a tuple. */
    ByteSink keyOf(ByteSink row) {
        keys.of(row.array(), 0, row.length(), currentKey);
        return currentKey;
    }

    private ByteSink key(Tuple tuple, ByteSink target) {
        keys.of(tuple.row.array(), tuple.starts, target);
        return target;
    }
}

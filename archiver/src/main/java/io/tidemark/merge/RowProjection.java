package io.tidemark.merge;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Column;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;

/**
 * Turns rows of one schema into rows of another, column by column as their ids say: columns that are gone are left out,
 * columns that are new get the value that rows from before them have. Not thread-safe.
 */
final class RowProjection {
    private final RowSchema from;
    private final RowSchema to;
    private final RowCodec codec;
    private final int[] sourceOf;
    private final byte[][] missing;
    private final int[] starts;
    private final boolean identity;
    private final boolean possible;
    private final ByteCursor cursor = new ByteCursor();

    RowProjection(RowSchema from, RowSchema to) {
        this.from = from;
        this.to = to;
        codec = new RowCodec(from);
        starts = new int[codec.columnCount() + 1];
        sourceOf = new int[to.columns().size()];
        missing = new byte[sourceOf.length][];
        boolean sameEncodings = true;
        boolean samePlaces = from.columns().size() == sourceOf.length;
        RowCodec target = new RowCodec(to);
        for (int i = 0; i < sourceOf.length; i++) {
            Column column = to.columns().get(i);
            sourceOf[i] = from.indexOf(column.id());
            samePlaces &= sourceOf[i] == i;
            sameEncodings &= sourceOf[i] < 0 || from.columns().get(sourceOf[i]).encoding() == column.encoding();
            missing[i] = sourceOf[i] < 0 ? missing(target, i, column) : new byte[0];
        }
        possible = sameEncodings;
        identity = samePlaces;
    }

    private static byte[] missing(RowCodec target, int index, Column column) {
        ByteSink value = new ByteSink(16);
        if (column.missing().isPresent()) {
            byte[] text = column.missing().get().getBytes(StandardCharsets.UTF_8);
            target.writeText(index, text, 0, text.length, value);
        } else {
            value.writeByte(RowCodec.NULL);
        }
        return value.toByteArray();
    }

    /**
     * Replaces the target's content by the row that lies in {@code [start, start + length)}.
     *
     * @throws TidemarkException of kind VERIFICATION if a column's encoding differs: when a source rewrites a table, its
     *     rows come into the log anew
     */
    void apply(byte[] row, int start, int length, ByteSink target) {
        if (!possible) {
            throw TidemarkException.corrupt("rows of " + from.collection() + " were written as " + from.columns()
                    + " and cannot be read as " + to.columns());
        }
        target.clear();
        if (identity) {
            target.write(row, start, length);
            return;
        }
        cursor.reset(row, start, start + length);
        codec.locate(cursor, starts);
        for (int i = 0; i < sourceOf.length; i++) {
            int source = sourceOf[i];
            if (source < 0) {
                target.write(missing[i]);
            } else {
                target.write(row, starts[source], starts[source + 1] - starts[source]);
            }
        }
    }
}

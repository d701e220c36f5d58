package io.tidemark.merge;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;

/**
 * Turns rows of one schema into rows of another by column name: columns that are gone are left out, columns that are new
 * become NULL. Not thread-safe.
 */
final class RowProjection {
    private final RowSchema to;
    private final RowCodec codec;
    private final int[] sourceOf;
    private final int[] starts;
    private final boolean identity;
    private final ByteCursor cursor = new ByteCursor();

    RowProjection(RowSchema from, RowSchema to) {
        this.to = to;
        codec = new RowCodec(from);
        starts = new int[codec.columnCount() + 1];
        sourceOf = new int[to.columns().size()];
        for (int i = 0; i < sourceOf.length; i++) {
            sourceOf[i] = from.indexOf(to.columns().get(i).name());
            if (sourceOf[i] >= 0
                    && from.columns().get(sourceOf[i]).encoding()
                            != to.columns().get(i).encoding()) {
                throw TidemarkException.permanent(
                        "column " + to.columns().get(i).name() + " of " + to.collection()
                                + " changed its type from "
                                + from.columns().get(sourceOf[i]).type() + " to "
                                + to.columns().get(i).type()
                                + "; restore to a moment before that change or after the next initial copy");
            }
        }
        identity = from.columns().equals(to.columns());
    }

    /** Replaces the target's content by the row that lies in {@code [start, start + length)}. */
    void apply(byte[] row, int start, int length, ByteSink target) {
        target.clear();
        if (identity) {
            target.write(row, start, length);
            return;
        }
        cursor.reset(row, start, start + length);
        codec.locate(cursor, starts);
        for (int source : sourceOf) {
            if (source < 0) {
                target.writeByte(RowCodec.NULL);
            } else {
                target.write(row, starts[source], starts[source + 1] - starts[source]);
            }
        }
    }

    RowSchema to() {
        return to;
    }
}

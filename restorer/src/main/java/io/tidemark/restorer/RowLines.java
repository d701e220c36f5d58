package io.tidemark.restorer;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.util.Arrays;
import java.util.Map;

/**
 * Turns rows into lines of the text form that databases load: columns between tabs, {@code \\N} for NULL, and a backslash
 * before what would be mistaken. Reusable; not thread-safe.
 */
public final class RowLines {
    /** How the value of a column gets into the text. */
    public interface Values {
        /** Appends the value the cursor stands at, behind its union branch, and moves on. */
        void read(RowCodec codec, int column, ByteCursor cursor, ByteSink target);
    }

    private final RowCodec codec;
    private final boolean[] wanted;
    private final Values values;
    private final int[] escapes = new int[256];
    private final ByteCursor cursor = new ByteCursor();
    private final ByteSink value = new ByteSink(256);

    /**
     * @param wanted which columns are written
     * @param escapes what stands behind the backslash, for each byte that needs one
     */
    public RowLines(RowSchema rows, boolean[] wanted, Values values, Map<Integer, Character> escapes) {
        codec = new RowCodec(rows);
        this.wanted = Arrays.copyOf(wanted, wanted.length);
        this.values = values;
        escapes.forEach((plain, escape) -> this.escapes[plain] = escape);
    }

    /** Appends a row's line. */
    public void write(ByteSink row, ByteSink target) {
        cursor.reset(row.array(), 0, row.length());
        boolean first = true;
        for (int column = 0; column < codec.columnCount(); column++) {
            if (wanted[column] && !first) {
                target.writeByte('\t');
            }
            first &= !wanted[column];
            int branch = cursor.readByte();
            if (branch == RowCodec.VALUE) {
                value.clear();
                values.read(codec, column, cursor, value);
                if (wanted[column]) {
                    escape(target);
                }
            } else if (branch == RowCodec.UNCHANGED) {
                throw TidemarkException.corrupt("a merged row still leaves a column out");
            } else if (wanted[column]) {
                target.writeByte('\\');
                target.writeByte('N');
            }
        }
        target.writeByte('\n');
    }

    private void escape(ByteSink target) {
        byte[] source = value.array();
        int length = value.length();
        int clean = 0;
        for (int i = 0; i < length; i++) {
            int escape = escapes[source[i] & 0xFF];
            if (escape != 0) {
                target.write(source, clean, i - clean);
                target.writeByte('\\');
                target.writeByte(escape);
                clean = i + 1;
            }
        }
        target.write(source, clean, length - clean);
    }
}

package io.tidemark.postgres;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;

/**
 * Turns lines of COPY's text format into rows. Reusable; not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, "Text Format"</a>
 */
public final class CopyLineParser {
    private final RowCodec codec;
    private final ByteSink unescaped = new ByteSink(256);

    public CopyLineParser(RowSchema schema) {
        codec = new RowCodec(schema);
    }

    /** Replaces the row by that of the line, which may end with a line feed. */
    public void parse(byte[] line, ByteSink row) {
        row.clear();
        int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        int column = 0;
        int start = 0;
        while (column < codec.columnCount()) {
            int stop = start;
            boolean escaped = false;
            while (stop < end && line[stop] != '\t') {
                escaped |= line[stop] == '\\';
                stop++;
            }
            write(column++, line, start, stop, escaped, row);
            if (stop >= end && column < codec.columnCount()) {
                throw TidemarkException.corrupt(
                        "a COPY line has " + column + " columns, " + codec.columnCount() + " expected");
            }
            start = stop + 1;
        }
    }

    private void write(int column, byte[] line, int start, int stop, boolean escaped, ByteSink row) {
        if (!escaped) {
            codec.writeText(column, line, start, stop - start, row);
        } else if (stop - start == 2 && line[start + 1] == 'N') {
            row.writeByte(RowCodec.NULL);
        } else {
            unescape(line, start, stop);
            codec.writeText(column, unescaped.array(), 0, unescaped.length(), row);
        }
    }

    private void unescape(byte[] line, int start, int stop) {
        unescaped.clear();
        int i = start;
        while (i < stop) {
            if (line[i] == '\\') {
                unescaped.writeByte(escape(line[i + 1]));
                i += 2;
            } else {
                unescaped.writeByte(line[i++]);
            }
        }
    }

    private static int escape(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> letter;
        };
    }
}

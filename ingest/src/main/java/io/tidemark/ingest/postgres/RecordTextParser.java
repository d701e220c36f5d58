package io.tidemark.ingest.postgres;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;

/**
 * Turns the text of a composite value, {@code (1,"a ""b""",)}, into a row. Reusable; not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX">Composite Type Input and Output
 *     Syntax</a>
 */
final class RecordTextParser {
    private final RowSchema schema;
    private final RowCodec codec;
    private final ByteSink unquoted = new ByteSink(256);

    RecordTextParser(RowSchema schema) {
        this.schema = schema;
        codec = new RowCodec(schema);
    }

    /** Replaces the row by that of the text. */
    void parse(byte[] text, int start, int length, ByteSink row) {
        row.clear();
        int end = start + length - 1;
        int position = start + 1;
        for (int column = 0; column < codec.columnCount(); column++) {
            if (column > 0) {
                expect(text, position++, ',');
            }
            if (text[position] == '"') {
                position = quoted(text, position + 1);
                codec.writeText(column, unquoted.array(), 0, unquoted.length(), row);
            } else {
                int stop = position;
                while (stop < end && text[stop] != ',') {
                    stop++;
                }
                if (stop == position) {
                    row.writeByte(RowCodec.NULL);
                } else {
                    codec.writeText(column, text, position, stop - position, row);
                }
                position = stop;
            }
        }
        expect(text, position, ')');
    }

    /** Reads up to the closing quote and returns the place behind it; inside, quotes and backslashes are doubled. */
    private int quoted(byte[] text, int start) {
        unquoted.clear();
        int position = start;
        while (true) {
            byte b = text[position++];
            if (b == '"') {
                if (text[position] != '"') {
                    return position;
                }
                position++;
            } else if (b == '\\') {
                position++;
            }
            unquoted.writeByte(b);
        }
    }

    private void expect(byte[] text, int position, char wanted) {
        if (text[position] != wanted) {
            throw TidemarkException.corrupt("a row of " + schema.collection() + " was told with other columns than "
                    + schema.columns().size() + " expected ones");
        }
    }
}

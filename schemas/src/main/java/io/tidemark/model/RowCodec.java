package io.tidemark.model;

import java.nio.charset.StandardCharsets;

/**
 * Walks rows of one {@link RowSchema} without building objects for them. Stateless and thread-safe.
 */
public final class RowCodec {
    /** Union branch of a NULL, as it stands in the bytes. */
    public static final int NULL = 0;
    /** Union branch of a value, as it stands in the bytes. */
    public static final int VALUE = 2;
    /** Union branch of a column that an update left out, as it stands in the bytes. */
    public static final int UNCHANGED = 4;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final Encoding[] encodings;

    public RowCodec(RowSchema schema) {
        encodings = schema.columns().stream().map(Column::encoding).toArray(Encoding[]::new);
    }

    public int columnCount() {
        return encodings.length;
    }

    Encoding encoding(int column) {
        return encodings[column];
    }

    /** Moves the cursor behind one row. */
    public void skipRow(ByteCursor cursor) {
        for (Encoding encoding : encodings) {
            skipColumn(cursor, encoding);
        }
    }

    /**
     * Notes where each column of the row begins; the last entry is where the row ends.
     *
     * @param starts has room for one entry more than there are columns
     */
    public void locate(ByteCursor cursor, int[] starts) {
        for (int i = 0; i < encodings.length; i++) {
            starts[i] = cursor.position();
            skipColumn(cursor, encodings[i]);
        }
        starts[encodings.length] = cursor.position();
    }

    /** Appends a value given as the source's text, in the column's encoding. */
    public void writeText(int column, byte[] text, int start, int length, ByteSink target) {
        target.writeByte(VALUE);
        switch (encodings[column]) {
            case INT, LONG -> target.writeLong(parseLong(text, start, length));
            case BOOLEAN -> target.writeByte(text[start] == 't' ? 1 : 0);
            case BYTES -> writeHex(text, start, length, target);
            case TEXT -> target.writeBytes(text, start, length);
        }
    }

    /** Like {@link #readText}, with bytes as they are. */
    public void readRaw(int column, ByteCursor cursor, ByteSink target) {
        if (encodings[column] == Encoding.BYTES) {
            int length = cursor.readLength();
            target.write(cursor.array(), cursor.position(), length);
            cursor.skip(length);
        } else {
            readText(column, cursor, target);
        }
    }

    /** Appends the source's text of the value the cursor stands at, behind its union branch, and moves on. */
    public void readText(int column, ByteCursor cursor, ByteSink target) {
        switch (encodings[column]) {
            case INT, LONG -> target.writeDecimal(cursor.readLong());
            case BOOLEAN -> target.writeByte(cursor.readByte() == 1 ? 't' : 'f');
            case BYTES -> readHex(cursor, target);
            case TEXT -> {
                int length = cursor.readLength();
                target.write(cursor.array(), cursor.position(), length);
                cursor.skip(length);
            }
        }
    }

    private static void skipColumn(ByteCursor cursor, Encoding encoding) {
        int branch = cursor.readByte();
        if (branch == NULL || branch == UNCHANGED) {
            return;
        }
        if (branch != VALUE) {
            throw TidemarkException.corrupt("a row holds the unknown union branch " + branch);
        }
        switch (encoding) {
            case INT, LONG -> cursor.readLong();
            case BOOLEAN -> cursor.skip(1);
            case BYTES, TEXT -> cursor.skip(cursor.readLength());
        }
    }

    private static long parseLong(byte[] text, int start, int length) {
        boolean negative = text[start] == '-';
        long value = 0;
        for (int i = negative ? start + 1 : start; i < start + length; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException(
                        "not an integer: " + new String(text, start, length, StandardCharsets.UTF_8));
            }
            value = value * 10 - digit;
        }
        return negative ? value : -value;
    }

    /** PostgreSQL-style hex, {@code \x0aff}: the form in which sources hand over bytes. */
    private static void writeHex(byte[] text, int start, int length, ByteSink target) {
        if (length < 2 || text[start] != '\\' || text[start + 1] != 'x' || (length & 1) != 0) {
            throw new IllegalArgumentException("bytes must come as \\x followed by pairs of hex digits");
        }
        target.writeLong((length - 2) / 2);
        for (int i = start + 2; i < start + length; i += 2) {
            target.writeByte(Character.digit(text[i], 16) << 4 | Character.digit(text[i + 1], 16));
        }
    }

    private static void readHex(ByteCursor cursor, ByteSink target) {
        int length = cursor.readLength();
        byte[] source = cursor.array();
        target.writeByte('\\');
        target.writeByte('x');
        for (int i = cursor.position(); i < cursor.position() + length; i++) {
            target.writeByte(HEX[(source[i] >> 4) & 15]);
            target.writeByte(HEX[source[i] & 15]);
        }
        cursor.skip(length);
    }
}

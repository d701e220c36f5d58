package io.tidemark.model;

/**
 * Values one behind the other so that unsigned bytes are in the order of the values: NULL first, numbers by size, text and
 * bytes by their bytes. A value is a code, and behind it: the bytes of a number, high ones first, as few as it needs, whose
 * count is in the code (a negative number less one in two's complement); text and bytes with 00 as 00 FF, up to a 00.
 *
 * @see <a href="https://github.com/apple/foundationdb/blob/main/design/tuple.md">FoundationDB's tuple layer, whose form it is</a>
 */
final class KeyTuple {
    private static final int NULL = 0x00;
    private static final int BYTES = 0x01;
    private static final int TEXT = 0x02;
    private static final int ZERO = 0x14;
    private static final int FALSE = 0x26;
    private static final int TRUE = 0x27;
    private static final int ESCAPED = 0xFF;

    private KeyTuple() {}

    /** Appends the column of a row that the cursor stands at, and moves on. */
    static void write(ByteCursor column, Encoding encoding, ByteSink target) {
        int branch = column.readByte();
        if (branch == RowCodec.NULL) {
            target.writeByte(NULL);
            return;
        }
        if (branch != RowCodec.VALUE) {
            throw TidemarkException.corrupt("a key column came without its value");
        }
        switch (encoding) {
            case INT, LONG -> writeNumber(column.readLong(), target);
            case BOOLEAN -> target.writeByte(column.readByte() == 1 ? TRUE : FALSE);
            case BYTES -> writeBytes(BYTES, column, target);
            case TEXT -> writeBytes(TEXT, column, target);
        }
    }

    private static void writeNumber(long value, ByteSink target) {
        long magnitude = value < 0 ? -value : value;
        int count = (Long.SIZE - Long.numberOfLeadingZeros(magnitude) + Byte.SIZE - 1) / Byte.SIZE;
        target.writeByte(value < 0 ? ZERO - count : ZERO + count);
        long bits = value < 0 ? value - 1 : value;
        target.writeBigEndian(bits, count);
    }

    private static void writeBytes(int code, ByteCursor column, ByteSink target) {
        int length = column.readLength();
        byte[] bytes = column.array();
        int from = column.position();
        int end = from + length;
        target.writeByte(code);
        for (int at = from; at < end; at++) {
            if (bytes[at] == 0) {
                target.write(bytes, from, at + 1 - from);
                target.writeByte(ESCAPED);
                from = at + 1;
            }
        }
        target.write(bytes, from, end - from);
        target.writeByte(0);
        column.skip(length);
    }

    /** Appends the value that the cursor stands at as a row's column, and moves on. */
    static void toAvro(ByteCursor tuple, Encoding encoding, ByteSink target) {
        int code = tuple.readByte();
        if (code == NULL) {
            target.writeByte(RowCodec.NULL);
            return;
        }
        target.writeByte(RowCodec.VALUE);
        switch (encoding) {
            case INT, LONG -> target.writeLong(readNumber(code, tuple));
            case BOOLEAN -> target.writeByte(code == TRUE ? 1 : 0);
            case BYTES, TEXT -> copyBytes(tuple, target);
        }
    }

    private static long readNumber(int code, ByteCursor tuple) {
        int count = Math.abs(code - ZERO);
        long bits = code < ZERO ? -1 : 0;
        for (int i = 0; i < count; i++) {
            bits = (bits << Byte.SIZE) | (tuple.readByte() & 0xFF);
        }
        return code < ZERO ? bits + 1 : bits;
    }

    private static void copyBytes(ByteCursor tuple, ByteSink target) {
        byte[] bytes = tuple.array();
        int at = tuple.position();
        int length = 0;
        while (skipByte(tuple)) {
            length++;
        }
        target.writeLong(length);
        for (int i = 0; i < length; i++) {
            target.writeByte(bytes[at]);
            at += bytes[at] == 0 ? 2 : 1;
        }
    }

    /** Moves behind the next byte of a value, or behind the value if there is none. */
    private static boolean skipByte(ByteCursor tuple) {
        if (tuple.readByte() != 0) {
            return true;
        }
        boolean escaped = tuple.hasRemaining() && tuple.array()[tuple.position()] == (byte) ESCAPED;
        if (escaped) {
            tuple.skip(1);
        }
        return escaped;
    }
}

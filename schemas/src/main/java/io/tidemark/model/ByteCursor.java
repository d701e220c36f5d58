package io.tidemark.model;

import java.nio.charset.StandardCharsets;

/** Reads Avro primitives from a byte array in place. Not thread-safe. */
public final class ByteCursor {
    private byte[] bytes = new byte[0];
    private int position;
    private int limit;

    /** Points the cursor at a part of an array, which it does not copy. */
    public void reset(byte[] source, int start, int end) {
        bytes = source;
        position = start;
        limit = end;
    }

    public byte[] array() {
        return bytes;
    }

    public int position() {
        return position;
    }

    public boolean hasRemaining() {
        return position < limit;
    }

    /** Moves on by so many bytes. */
    public void skip(int count) {
        if (count < 0 || count > limit - position) {
            throw truncated();
        }
        position += count;
    }

    public int readByte() {
        if (position >= limit) {
            throw truncated();
        }
        return bytes[position++];
    }

    /** Reads an Avro {@code int} or {@code long}. */
    public long readLong() {
        long value = 0;
        int shift = 0;
        while (true) {
            int next = readByte();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
            shift += 7;
            if (shift > 63) {
                throw TidemarkException.corrupt("a number in Avro data is longer than ten bytes");
            }
        }
    }

    public int readInt() {
        return Math.toIntExact(readLong());
    }

    /** Reads the length of a {@code bytes} or {@code string} and checks that it is there. */
    public int readLength() {
        long length = readLong();
        if (length < 0 || length > limit - position) {
            throw truncated();
        }
        return (int) length;
    }

    public String readString() {
        int length = readLength();
        String text = new String(bytes, position, length, StandardCharsets.UTF_8);
        position += length;
        return text;
    }

    private static TidemarkException truncated() {
        return TidemarkException.corrupt("Avro data ends in the middle of a value");
    }
}

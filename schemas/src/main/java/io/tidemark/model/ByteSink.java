package io.tidemark.model;

import java.util.Arrays;

/**
 * A growing byte array that writes the few Avro primitives rows are made of. Made for hot paths: it is reused with
 * {@link #clear()} and its array is read in place. Not thread-safe.
 */
public final class ByteSink {
    private byte[] bytes;
    private int length;

    public ByteSink(int initialCapacityBytes) {
        bytes = new byte[initialCapacityBytes];
    }

    /** The backing array; valid up to {@link #length()} until the next write. */
    public byte[] array() {
        return bytes;
    }

    public int length() {
        return length;
    }

    public void clear() {
        length = 0;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    public void writeByte(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    public void write(byte[] source) {
        write(source, 0, source.length);
    }

    public void write(byte[] source, int start, int count) {
        reserve(count);
        System.arraycopy(source, start, bytes, length, count);
        length += count;
    }

    public void write(ByteSink source) {
        write(source.bytes, 0, source.length);
    }

    /** Avro {@code int} and {@code long}: zig-zag, then seven bits a byte, low bits first. */
    public void writeLong(long value) {
        reserve(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    /** Avro {@code bytes} and {@code string}: a length, then the bytes. */
    public void writeBytes(byte[] source, int start, int count) {
        writeLong(count);
        write(source, start, count);
    }

    public void writeBytes(byte[] source) {
        writeBytes(source, 0, source.length);
    }

    public void writeInt32(int value) {
        writeBigEndian(value, Integer.BYTES);
    }

    /** The last {@code count} bytes of a number, the highest first. */
    void writeBigEndian(long value, int count) {
        reserve(count);
        for (int shift = (count - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    /** Decimal digits, as {@link Long#toString(long)} has them. */
    public void writeDecimal(long value) {
        reserve(20);
        if (value < 0) {
            bytes[length++] = '-';
        }
        // Negative numbers reach farther.
        long rest = value < 0 ? value : -value;
        int end = length + digits(rest);
        for (int i = end - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' - rest % 10);
            rest /= 10;
        }
        length = end;
    }

    private static int digits(long negative) {
        int digits = 1;
        for (long rest = negative / 10; rest != 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), bytes.length + (bytes.length >> 1)));
        }
    }
}

package io.tidemark.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Makes the bytes that identify a row: its key columns, in a form whose unsigned order is that of the values, where the
 * collection has a key, a SHA-256 of the whole row where it has none. Not thread-safe.
 *
 * @see KeyTuple
 */
public final class RowKey {
    private final RowCodec codec;
    private final int[] key;
    private final int[] starts;
    private final ByteCursor cursor = new ByteCursor();
    private final MessageDigest sha256;

    public RowKey(RowSchema schema) {
        codec = new RowCodec(schema);
        key = schema.key().stream().mapToInt(Integer::intValue).toArray();
        starts = new int[codec.columnCount() + 1];
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Writes the key of the row that lies in {@code [start, end)}; the target is cleared first. */
    public void of(byte[] row, int start, int end, ByteSink target) {
        if (key.length == 0) {
            hash(row, start, end, target);
        } else {
            cursor.reset(row, start, end);
            codec.locate(cursor, starts);
            tuple(row, starts, target);
        }
    }

    /**
     * Writes the key of a located row; the target is cleared first.
     *
     * @param columns what {@link RowCodec#locate} notes
     */
    public void of(byte[] row, int[] columns, ByteSink target) {
        if (key.length == 0) {
            hash(row, columns[0], columns[codec.columnCount()], target);
        } else {
            tuple(row, columns, target);
        }
    }

    private void hash(byte[] row, int start, int end, ByteSink target) {
        target.clear();
        sha256.update(row, start, end - start);
        target.write(sha256.digest());
    }

    private void tuple(byte[] row, int[] columns, ByteSink target) {
        target.clear();
        for (int column : key) {
            cursor.reset(row, columns[column], columns[column + 1]);
            KeyTuple.write(cursor, codec.encoding(column), target);
        }
    }

    /** Appends a key as Avro: its columns as they stand in rows, or the hash as {@code bytes}. */
    public void toAvro(byte[] bytes, int start, int length, ByteSink target) {
        if (key.length == 0) {
            target.writeBytes(bytes, start, length);
        }
        cursor.reset(bytes, start, start + length);
        for (int column : key) {
            KeyTuple.toAvro(cursor, codec.encoding(column), target);
        }
    }
}

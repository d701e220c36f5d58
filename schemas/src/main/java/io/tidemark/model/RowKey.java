package io.tidemark.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Makes the bytes that identify a row: its key columns where the collection has a key, a SHA-256 of the whole row where
 * it has none. Not thread-safe.
 */
public final class RowKey {
    private final RowCodec codec;
    private final boolean multiset;
    private final int[] starts;
    private final ByteCursor cursor = new ByteCursor();
    private final MessageDigest sha256;

    public RowKey(RowSchema schema) {
        codec = new RowCodec(schema);
        multiset = schema.isMultiset();
        starts = new int[codec.columnCount() + 1];
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Writes the key of the row that lies in {@code [start, end)}; the target is cleared first. */
    public void of(byte[] row, int start, int end, ByteSink target) {
        target.clear();
        if (multiset) {
            sha256.update(row, start, end - start);
            target.write(sha256.digest());
            return;
        }
        cursor.reset(row, start, end);
        codec.locate(cursor, starts);
        codec.writeKey(row, starts, target);
    }
}

package io.tidemark.archiver;

/**
 * How large the parts of a snapshot are, in bytes of rows.
 *
 * @param maxBytes a part ends here, wherever that is
 * @param goodBytes from here on a part ends where one of the snapshot before did
 * @param smallBytes less than this is put together with the next part of the snapshot before, though that did not change
 */
public record PartSizes(long maxBytes, long goodBytes, long smallBytes) {
    /** About 64 MiB a part. */
    public static final PartSizes DEFAULT = new PartSizes(96L << 20, 32L << 20, 16L << 20);
}

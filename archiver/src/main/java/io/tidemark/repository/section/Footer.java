package io.tidemark.repository.section;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Sha256;
import java.util.List;
import java.util.Optional;

/**
 * The table of contents at the end of a section file, as zstd-compressed JSON.
 *
 * @param version of the section file format, 1
 * @param source whose changes the file holds
 * @param epoch the epoch they belong to
 * @param after the offset before the first position the file covers; for a snapshot part -1
 * @param through the offset of the last position the file covers
 * @param sections in the order of the file
 * @param transactions where the list of transactions that end in the file lies; empty for a snapshot part
 */
public record Footer(
        int version,
        String source,
        int epoch,
        long after,
        long through,
        List<Section> sections,
        Optional<Region> transactions) {
    /** The version this code reads and writes. */
    public static final int VERSION = 1;

    public Footer {
        sections = List.copyOf(sections);
    }

    /** A stretch of the file, in bytes, and the SHA-256 of its bytes. */
    public record Region(long offset, long length, long entries, Sha256 sha256) {}

    /**
     * The changes of one collection under one row schema, sorted by key and position.
     *
     * @param id of the collection, which it keeps when it is renamed
     * @param collection what it was called
     * @param region where its Avro container file lies
     * @param index where the list of its blocks lies, for reads that start at a key
     * @param first the first change in it, by place
     * @param truncations the places at which the whole collection was emptied, ascending
     */
    public record Section(
            String id, CollectionName collection, Region region, Region index, Place first, List<Place> truncations) {
        public Section {
            truncations = List.copyOf(truncations);
        }
    }

    /**
     * One Avro block of a section; the index is zstd-compressed JSON, a list of these.
     *
     * @param offset from the section's start, in bytes
     * @param firstKey the key of its first entry
     */
    public record Block(long offset, byte[] firstKey) {}
}

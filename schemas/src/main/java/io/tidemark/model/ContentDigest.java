package io.tidemark.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A digest of a multiset of rows that does not depend on their order: the sum of the rows' SHA-256, as four numbers of 64
 * bits. Equal multisets have equal digests, and those of disjoint sets can be added, so that the digest of a table is
 * the sum of those of its parts. Shows errors; against forgery stands the catalog's chain.
 *
 * @param hex 64 lower-case hex digits
 * @see <a href="https://cseweb.ucsd.edu/~daniele/papers/IncHash.html">Bellare, Micciancio: A new paradigm for
 *     collision-free hashing (AdHash)</a>
 */
public record ContentDigest(@JsonValue String hex) {
    /** Of no rows at all. */
    public static final ContentDigest EMPTY = new ContentDigest("0".repeat(64));

    @JsonCreator
    public ContentDigest {
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not a content digest: " + hex);
        }
    }

    @Override
    public String toString() {
        return hex;
    }

    /** Adds up rows. Not thread-safe. */
    public static final class Sum {
        private final MessageDigest sha256 = Sha256.digest();
        private final long[] lanes = new long[4];

        /** Adds a row that is there so many times. */
        public void add(byte[] row, int start, int length, long count) {
            sha256.update(row, start, length);
            ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] += count * hash.getLong();
            }
        }

        /** Adds all rows of a digest. */
        public void add(ContentDigest digest) {
            ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(digest.hex()));
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] += bytes.getLong();
            }
        }

        public ContentDigest digest() {
            ByteBuffer bytes = ByteBuffer.allocate(32);
            for (long lane : lanes) {
                bytes.putLong(lane);
            }
            return new ContentDigest(HexFormat.of().formatHex(bytes.array()));
        }
    }
}

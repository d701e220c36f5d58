package io.tidemark.state;

import io.tidemark.model.CollectionName;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.Json;
import io.tidemark.model.RowSchema;
import io.tidemark.model.Sha256;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * The list of a snapshot's parts. Parts may belong to an older snapshot, if nothing in their range of keys changed since.
 *
 * @param version of this form, 1
 * @param end the transaction whose end the snapshot shows
 */
public record SnapshotManifest(int version, String source, TransactionEnd end, List<CollectionParts> collections) {
    public static final int VERSION = 1;

    public SnapshotManifest {
        collections = List.copyOf(collections);
    }

    /** Reads the manifest that the catalog names. */
    public static SnapshotManifest read(Repository repository, ObjectRef ref) {
        return Json.read(repository.read(ref), SnapshotManifest.class, "object " + ref.name());
    }

    /** The objects of all parts. */
    public Stream<ObjectRef> objects() {
        return collections.stream().flatMap(c -> c.parts().stream()).map(Part::object);
    }

    /**
     * The parts of one collection, in key order.
     *
     * @param id of the collection, which it keeps when it is renamed
     */
    public record CollectionParts(String id, CollectionName collection, List<Part> parts) {
        public CollectionParts {
            parts = List.copyOf(parts);
        }

        public long rows() {
            return parts.stream().mapToLong(Part::rows).sum();
        }

        /** As they are stored. */
        long bytes() {
            return parts.stream().mapToLong(part -> part.object().bytes()).sum();
        }
    }

    /**
     * The rows of one range of keys, from a part's first key up to the next one's.
     *
     * @param digest of its rows, in the shape they are stored in
     * @param shape tells shapes apart, see {@link #shape}; digests of one shape can be compared
     */
    public record Part(ObjectRef object, byte[] firstKey, long rows, ContentDigest digest, String shape) {
        /** The same rows in another object. */
        public Part with(ObjectRef other) {
            return new Part(other, firstKey, rows, digest, shape);
        }
    }

    /** What tells the shape of rows from others: the first digits of the hash of their schema. */
    public static String shape(RowSchema rows) {
        return Sha256.of(rows.toAvro().toString().getBytes(StandardCharsets.UTF_8))
                .brief();
    }
}

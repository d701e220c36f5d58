package io.tidemark.state;

import io.tidemark.model.CollectionName;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import java.util.List;

/**
 * The list of a snapshot's parts. Parts may belong to an older snapshot, if nothing in them changed since.
 *
 * @param version of this form, 1
 * @param end the transaction whose end the snapshot shows
 */
public record SnapshotManifest(int version, String source, TransactionEnd end, List<CollectionParts> collections) {
    public static final int VERSION = 1;

    public SnapshotManifest {
        collections = List.copyOf(collections);
    }

    /**
     * The parts of one collection, in key order.
     *
     * @param id of the collection, which it keeps when it is renamed
     */
    public record CollectionParts(String id, CollectionName collection, long rows, List<ObjectRef> parts) {
        public CollectionParts {
            parts = List.copyOf(parts);
        }
    }
}

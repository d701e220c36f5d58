package io.tidemark.repository.catalog;

import io.tidemark.model.Sha256;
import io.tidemark.model.TransactionEnd;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the commits up to one of them add up to, so that opening a catalog does not read all of them. A shortcut: whoever
 * does not trust it reads the commits, and comes to the same.
 *
 * @param version of this form, 1
 * @param sequence the last commit that is in it
 * @param head the SHA-256 of that commit as stored
 */
record Checkpoint(int version, long sequence, Sha256 head, List<SourceState> sources) {
    static final int VERSION = 1;

    Checkpoint {
        sources = List.copyOf(sources);
    }

    /** Everything that is known of one source. */
    record SourceState(
            String source,
            String engine,
            boolean removed,
            Optional<TransactionEnd> proven,
            Map<Integer, String> reasons,
            Map<Integer, CatalogEntry.Floor> floors,
            List<Archived> pieces,
            List<CatalogEntry.SnapshotAdded> snapshots,
            List<ArchivedSnapshot> archived,
            List<CatalogEntry.SchemaAdded> schemas,
            List<RetiredObject> retired) {}
}

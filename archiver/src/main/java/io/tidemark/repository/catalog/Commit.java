package io.tidemark.repository.catalog;

import io.tidemark.model.Sha256;
import java.util.List;

/**
 * One link of the catalog's chain.
 *
 * @param sequence from 1, without holes
 * @param previous SHA-256 of the commit before, as stored; {@link Sha256#NONE} for the first
 * @param committedAtMicros by the writer's clock, µs since 1970 UTC
 * @param entries what it adds, in order
 */
public record Commit(long sequence, Sha256 previous, long committedAtMicros, List<CatalogEntry> entries) {
    public Commit {
        entries = List.copyOf(entries);
    }
}

package io.tidemark.ingest;

import io.tidemark.model.CollectionName;

/** Hears how far an initial copy is. Called from several threads. */
public interface CopyProgress {
    /**
     * A piece of a collection is copied.
     *
     * @param rows in this piece
     * @param donePieces of all collections
     * @param totalPieces of all collections
     */
    void copied(CollectionName collection, long rows, int donePieces, int totalPieces);
}

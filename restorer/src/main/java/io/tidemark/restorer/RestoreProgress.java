package io.tidemark.restorer;

import io.tidemark.model.CollectionName;

/** Hears how far a restore is. Called from several threads. */
public interface RestoreProgress {
    /** A step begins: {@code verify}, {@code schema}, {@code rows}, {@code indexes and constraints}. */
    void step(String name);

    /** A collection is loaded. */
    void loaded(CollectionName collection, long rows, long bytes, int done, int total);
}

package io.tidemark.restorer;

import io.tidemark.model.CollectionName;

/** Hears how far a restore is. Called from several threads. */
public interface RestoreProgress {
    /** A step begins: {@code verify}, {@code schema}, {@code rows, indexes and constraints}. */
    void step(String name);

    /** A collection is loaded. */
    void loaded(CollectionName collection, long rows, long bytes, int done, int total);

    /** An index, a constraint or something else that comes behind the rows is made. */
    void made(String object, int done, int total);
}

package io.tidemark.ingest;

/** What capturing must know of the repository that the change log is archived in. Safe from any thread. */
public interface Archive {
    /** Which repository it is: the id it was given when it was made. */
    String repository();

    /** The epoch that follows the newest one of which anything is archived; 0 if nothing is. */
    int nextEpoch();

    /** Whether the source was removed from the repository, and not added again. */
    boolean isRemoved();
}

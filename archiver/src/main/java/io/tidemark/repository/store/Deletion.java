package io.tidemark.repository.store;

/** What became of an object that was to be deleted. */
public enum Deletion {
    /** It is gone. */
    DELETED,
    /** There was none. */
    ABSENT,
    /** The store keeps it until a date that has not come; it is untouched. */
    LOCKED
}

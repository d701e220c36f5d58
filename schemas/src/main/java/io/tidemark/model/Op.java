package io.tidemark.model;

/** What a change does to its row. The order is part of the format: add at the end, never move. */
public enum Op {
    /** A row as the initial copy found it. */
    READ,
    /** A new row. */
    INSERT,
    /** A row's new value, complete. */
    UPDATE,
    /** A row's new value, in which columns marked unchanged keep the value of the version before. */
    PATCH,
    /** A row that is gone. */
    DELETE,
    /** All rows of the collection are gone. */
    TRUNCATE;

    private static final Op[] ALL = values();

    /** The operation with this ordinal. */
    public static Op of(int ordinal) {
        return ALL[ordinal];
    }
}

package io.tidemark.model;

/** How a column's values are kept. Native forms are used only where they give back the source's text exactly. */
public enum Encoding {
    /** A 32-bit integer, Avro {@code int}. */
    INT,
    /** A 64-bit integer, Avro {@code long}. */
    LONG,
    /** Avro {@code boolean}. */
    BOOLEAN,
    /** Raw bytes, Avro {@code bytes}. */
    BYTES,
    /** The server's own text, Avro {@code string}. */
    TEXT
}

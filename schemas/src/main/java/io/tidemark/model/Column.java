package io.tidemark.model;

import java.util.Optional;

/**
 * One column of a row schema.
 *
 * @param id what the column keeps when it is renamed; no other column of the collection ever has it
 * @param name the source's name of it
 * @param type the source's name of its type, with modifiers
 * @param encoding how its values are kept
 * @param missing the value, as the source's text, of rows that were written before the column came; empty for NULL
 */
public record Column(int id, String name, String type, Encoding encoding, Optional<String> missing) {
    /** A column that is NULL in rows from before it came. */
    public Column(int id, String name, String type, Encoding encoding) {
        this(id, name, type, encoding, Optional.empty());
    }
}

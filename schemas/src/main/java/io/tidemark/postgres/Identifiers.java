package io.tidemark.postgres;

import io.tidemark.model.CollectionName;

/** Quoting of names for SQL. */
public final class Identifiers {
    private Identifiers() {}

    /** The name in double quotes, so that any name is one. */
    public static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    /** Schema and table, both quoted. */
    public static String quote(CollectionName name) {
        return quote(name.namespace()) + "." + quote(name.name());
    }
}

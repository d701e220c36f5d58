package io.tidemark.mysql;

import io.tidemark.model.CollectionName;

/** Names as they stand in statements. */
public final class Identifiers {
    private Identifiers() {}

    /** A name between backticks. */
    public static String quote(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** A name as it is, whether or not it stands between backticks. */
    public static String unquote(String name) {
        return name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name;
    }

    /** A table's name without its database, for statements in whatever database is chosen. */
    public static String quote(CollectionName table) {
        return quote(table.name());
    }

    /** A text between apostrophes, in the SQL mode of Tidemark's connections. */
    public static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}

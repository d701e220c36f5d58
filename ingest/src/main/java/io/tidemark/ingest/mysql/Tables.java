package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import java.util.List;
import java.util.Locale;

/**
 * Which tables of a database are under backup.
 *
 * @param exclude as {@code name} or {@code database.name}
 * @param lowerCase whether the server keeps names of databases and tables in lower case, however they are written
 */
record Tables(String database, List<String> exclude, boolean lowerCase) {
    boolean covers(String table) {
        CollectionName name = new CollectionName(database, table);
        return exclude.stream().noneMatch(name::matches);
    }

    /** The name of a database or a table as the server has it. */
    String name(String written) {
        return lowerCase ? written.toLowerCase(Locale.ROOT) : written;
    }
}

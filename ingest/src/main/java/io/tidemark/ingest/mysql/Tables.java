package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import java.util.List;

/**
 * Which tables of a database are under backup.
 *
 * @param exclude as {@code name} or {@code database.name}
 */
record Tables(String database, List<String> exclude) {
    boolean covers(String table) {
        CollectionName name = new CollectionName(database, table);
        return exclude.stream().noneMatch(name::matches);
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.ingest.Counters;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads counters, which the binary log does not tell. */
final class ServerCounters {
    private static final String OF_TABLES = """
            SELECT table_name, auto_increment FROM information_schema.tables
            WHERE table_schema = ? AND table_type = 'BASE TABLE' AND auto_increment IS NOT NULL
                  AND auto_increment <= 9223372036854775807
            """;
    private static final String SEQUENCES =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'SEQUENCE'";

    private ServerCounters() {}

    /** All values, by quoted name. */
    static Map<String, Counters.Value> read(Connection sql, String database) throws SQLException {
        Map<String, Counters.Value> values = new HashMap<>();
        DatabaseRows.each(
                sql,
                database,
                OF_TABLES,
                row -> values.put(Identifiers.quote(row.getString(1)), new Counters.Value(row.getLong(2), false)));
        List<String> sequences = new ArrayList<>();
        DatabaseRows.each(sql, database, SEQUENCES, row -> sequences.add(Identifiers.quote(row.getString(1))));
        for (String name : sequences) {
            String next = ServerConnections.value(
                            sql, "SELECT next_not_cached_value FROM " + Identifiers.quote(database) + "." + name)
                    .orElse("1");
            values.put(name, new Counters.Value(Long.parseLong(next), false));
        }
        return values;
    }
}

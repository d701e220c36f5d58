package io.tidemark.ingest.mariadb;

import io.tidemark.ingest.Counters;
import io.tidemark.mariadb.Identifiers;
import io.tidemark.mariadb.MariaDbConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
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
        try (var statement = sql.prepareStatement(OF_TABLES)) {
            statement.setString(1, database);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    values.put(Identifiers.quote(rows.getString(1)), new Counters.Value(rows.getLong(2), false));
                }
            }
        }
        Map<String, String> sequences = new HashMap<>();
        try (var statement = sql.prepareStatement(SEQUENCES)) {
            statement.setString(1, database);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    sequences.put(Identifiers.quote(rows.getString(1)), rows.getString(1));
                }
            }
        }
        for (String name : sequences.keySet()) {
            String next = MariaDbConnections.value(
                            sql, "SELECT next_not_cached_value FROM " + Identifiers.quote(database) + "." + name)
                    .orElse("1");
            values.put(name, new Counters.Value(Long.parseLong(next), false));
        }
        return values;
    }
}

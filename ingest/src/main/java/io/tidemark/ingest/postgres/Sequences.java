package io.tidemark.ingest.postgres;

import io.tidemark.ingest.Counters;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** Values of sequences, which logical decoding does not carry. */
final class Sequences {
    private static final String VALUES = """
            SELECT pg_catalog.format('%I.%I', s.schemaname, s.sequencename),
                   coalesce(s.last_value, s.start_value), s.last_value IS NOT NULL
            FROM pg_catalog.pg_sequences s
            """;

    private final Counters counters = new Counters();

    /** All values, by quoted name. */
    static Map<String, Counters.Value> read(Connection connection) throws SQLException {
        Map<String, Counters.Value> values = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(VALUES)) {
            while (result.next()) {
                values.put(result.getString(1), new Counters.Value(result.getLong(2), result.getBoolean(3)));
            }
        }
        return values;
    }

    /** Writes a heartbeat with the values that differ from those of the last one. */
    void heartbeat(Connection connection, Messages messages) throws SQLException {
        Map<String, Counters.Value> now = read(connection);
        messages.heartbeat(connection, counters.changed(now));
        counters.told(now);
    }
}

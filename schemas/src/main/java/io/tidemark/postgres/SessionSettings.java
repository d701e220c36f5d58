package io.tidemark.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What every session is set to, whatever the server's configuration, the database, the role or a proxy has set: all that a
 * value's text, the meaning of a statement, or the life of a session depends on. What pg_dump sets is among it, with UTC
 * as the time zone. Those that a server does not know are left out.
 */
final class SessionSettings {
    private static final Map<String, String> VALUES = values();

    private SessionSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        // Texts of values.
        values.put("DateStyle", "ISO, MDY");
        values.put("IntervalStyle", "postgres");
        values.put("TimeZone", "UTC");
        values.put("extra_float_digits", "3");
        values.put("bytea_output", "hex");
        values.put("xmloption", "content");
        values.put("xmlbinary", "base64");
        values.put("lc_numeric", "C");
        values.put("lc_time", "C");
        // Meaning of statements, and of what is read.
        values.put("search_path", "");
        values.put("row_security", "off");
        values.put("standard_conforming_strings", "on");
        values.put("array_nulls", "on");
        values.put("transform_null_equals", "off");
        values.put("quote_all_identifiers", "off");
        values.put("restrict_nonsystem_relation_kind", "");
        values.put("default_transaction_isolation", "read committed");
        values.put("default_transaction_read_only", "off");
        values.put("default_transaction_deferrable", "off");
        values.put("session_replication_role", "origin");
        values.put("zero_damaged_pages", "off");
        values.put("ignore_checksum_failure", "off");
        values.put("ignore_system_indexes", "off");
        // Without these, each range of a table would be a reading of all of it.
        values.put("enable_tidscan", "on");
        // Life of the session.
        values.put("statement_timeout", "0");
        values.put("lock_timeout", "0");
        values.put("transaction_timeout", "0");
        values.put("idle_in_transaction_session_timeout", "0");
        values.put("idle_session_timeout", "0");
        values.put("exit_on_error", "off");
        return values;
    }

    /** The settings by name. */
    static Map<String, String> all() {
        return Map.copyOf(VALUES);
    }

    /** Sets those that differ; only those, because some may be set by superusers alone. */
    static void apply(Connection connection) throws SQLException {
        String values = VALUES.entrySet().stream()
                .map(value -> "('" + value.getKey() + "', '" + value.getValue() + "')")
                .collect(Collectors.joining(", "));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_catalog.set_config(s.name, v.value, false) "
                    + "FROM (VALUES " + values + ") v(name, value) JOIN pg_catalog.pg_settings s ON s.name = v.name "
                    + "WHERE s.setting <> v.value");
        }
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.mysql.Identifiers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The statements that make everything in a database, as the server writes them, in an order in which each finds what it needs. */
final class ServerStatements {
    /** What the statement is about that sets the database's character set. */
    static final String DATABASE_DEFAULTS = "database defaults";

    private static final String NAMES = """
            SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name
            """;
    private static final String ROUTINES = """
            SELECT routine_name, routine_type FROM information_schema.routines
            WHERE routine_schema = ? ORDER BY routine_type, routine_name
            """;
    private static final String TRIGGERS = """
            SELECT trigger_name, event_object_table FROM information_schema.triggers
            WHERE trigger_schema = ? ORDER BY event_object_table, event_manipulation, action_timing, action_order
            """;
    private static final String EVENTS =
            "SELECT event_name, '' FROM information_schema.events WHERE event_schema = ? ORDER BY event_name";

    private final Connection sql;
    private final Tables tables;
    private final String database;
    private final List<Statement> statements = new ArrayList<>();

    ServerStatements(Connection sql, Tables tables) {
        this.sql = sql;
        this.tables = tables;
        database = tables.database();
    }

    List<Statement> all() throws SQLException {
        Map<String, String> types = new TreeMap<>();
        each(NAMES, row -> types.put(row.getString(1), row.getString(2)));
        databaseDefaults();
        for (Map.Entry<String, String> entry : types.entrySet()) {
            if (entry.getValue().equals("SEQUENCE")) {
                sequence(entry.getKey());
            }
        }
        Map<String, TableText> texts = new TreeMap<>();
        Map<String, Integer> made = new HashMap<>();
        for (Map.Entry<String, String> entry : types.entrySet()) {
            if (entry.getValue().equals("BASE TABLE")) {
                String name = entry.getKey();
                TableText text = TableText.parse(show("SHOW CREATE TABLE " + Identifiers.quote(name), "Create Table"));
                texts.put(name, text);
                made.put(name, statements.size());
                ofTable(Phase.BEFORE_ROWS, Aspect.TABLE, "table " + name, name, "", List.of(), text.withoutIndexes());
            }
        }
        texts.forEach((name, text) -> text.indexes(name)
                .ifPresent(indexes -> ofTable(
                        Phase.AFTER_ROWS,
                        Aspect.DEFINITION,
                        "indexes of " + name,
                        name,
                        "",
                        List.of(made.getOrDefault(name, 0)),
                        indexes)));
        foreignKeys(texts, made);
        routines();
        views(types);
        described(TRIGGERS, "TRIGGER", "SQL Original Statement");
        described(EVENTS, "EVENT", "Create Event");
        return statements;
    }

    private void databaseDefaults() throws SQLException {
        each(
                "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "
                        + "WHERE schema_name = ?",
                row -> add(
                        Phase.BEFORE_ROWS,
                        Aspect.DEFINITION,
                        DATABASE_DEFAULTS,
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        "ALTER DATABASE CHARACTER SET " + row.getString(1) + " COLLATE " + row.getString(2)));
    }

    private void sequence(String name) throws SQLException {
        String text = show("SHOW CREATE SEQUENCE " + Identifiers.quote(name), "Create Table");
        add(
                Phase.BEFORE_ROWS,
                Aspect.DEFINITION,
                "sequence " + name,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                text);
    }

    /** What keys did without the log is done again before they are made, parents first. */
    private void foreignKeys(Map<String, TableText> texts, Map<String, Integer> made) {
        List<ForeignKeyText> keys = new ArrayList<>();
        texts.forEach((name, text) -> keys.addAll(text.foreignKeys(name)));
        for (ForeignKeyText key : ForeignKeyText.parentsFirst(keys)) {
            key.followed().ifPresent(text -> ofKey("rows that follow ", key, made, text));
        }
        keys.forEach(key -> ofKey("foreign key of ", key, made, key.statement()));
    }

    private void ofKey(String what, ForeignKeyText key, Map<String, Integer> made, String text) {
        List<Integer> needs = List.of(key.table(), key.parent()).stream()
                .filter(made::containsKey)
                .map(made::get)
                .distinct()
                .sorted()
                .toList();
        ofTable(Phase.AFTER_ROWS, Aspect.DEFINITION, what + key.table(), key.table(), key.parent(), needs, text);
    }

    private void ofTable(
            Phase phase,
            Aspect aspect,
            String object,
            String table,
            String refersTo,
            List<Integer> needs,
            String text) {
        Optional<CollectionName> other =
                refersTo.isEmpty() ? Optional.empty() : Optional.of(new CollectionName(database, refersTo));
        add(phase, aspect, object, Optional.of(new CollectionName(database, table)), other, needs, text);
    }

    private void routines() throws SQLException {
        Map<String, String> types = new TreeMap<>();
        each(ROUTINES, row -> types.put(row.getString(2) + "\n" + row.getString(1), row.getString(2)));
        for (Map.Entry<String, String> entry : types.entrySet()) {
            String name = entry.getKey().substring(entry.getKey().indexOf('\n') + 1);
            String column = switch (entry.getValue()) {
                case "FUNCTION" -> "Create Function";
                case "PROCEDURE" -> "Create Procedure";
                case "PACKAGE" -> "Create Package";
                default -> "Create Package Body";
            };
            object(entry.getValue(), name, Optional.empty(), definition(entry.getValue(), name, column));
        }
    }

    /** A view comes behind those that its text names. */
    private void views(Map<String, String> types) throws SQLException {
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<String, String> entry : types.entrySet()) {
            if (entry.getValue().equals("VIEW")) {
                texts.put(entry.getKey(), definition("VIEW", entry.getKey(), "Create View"));
            }
        }
        while (!texts.isEmpty()) {
            Optional<String> free = texts.keySet().stream()
                    .filter(name -> texts.keySet().stream()
                            .noneMatch(other -> !other.equals(name)
                                    && texts.getOrDefault(name, "").contains(Identifiers.quote(other))))
                    .findFirst();
            String next = free.orElseGet(() -> texts.keySet().iterator().next());
            object("VIEW", next, Optional.empty(), texts.getOrDefault(next, ""));
            texts.remove(next);
        }
    }

    private void described(String query, String kind, String column) throws SQLException {
        Map<Integer, String[]> found = new TreeMap<>();
        each(query, row -> found.put(found.size(), new String[] {row.getString(1), row.getString(2)}));
        for (String[] object : found.values()) {
            Optional<CollectionName> table =
                    object[1].isEmpty() ? Optional.empty() : Optional.of(new CollectionName(database, object[1]));
            object(kind, object[0], table, definition(kind, object[0], column));
        }
    }

    /** An object that remembers the settings it was made under; they come first in its text. */
    private String definition(String kind, String name, String column) throws SQLException {
        try (var statement = sql.createStatement();
                ResultSet row = statement.executeQuery("SHOW CREATE " + kind + " " + Identifiers.quote(name))) {
            if (!row.next() || row.getString(column) == null) {
                throw new SQLException(
                        "the definition of " + kind.toLowerCase(Locale.ROOT) + " " + name
                                + " is not shown to this user",
                        "42000");
            }
            String mode = kind.equals("VIEW") ? "" : row.getString("sql_mode");
            return "SET sql_mode = " + Identifiers.literal(mode) + ", character_set_client = "
                    + row.getString("character_set_client") + ", collation_connection = "
                    + row.getString("collation_connection")
                    + (kind.equals("EVENT") ? ", time_zone = " + Identifiers.literal(row.getString("time_zone")) : "")
                    + ";\n" + Unqualified.in(tables, row.getString(column));
        }
    }

    private void object(String kind, String name, Optional<CollectionName> table, String text) {
        add(
                Phase.AFTER_ROWS,
                Aspect.DEFINITION,
                kind.toLowerCase(Locale.ROOT) + " " + name,
                table,
                Optional.empty(),
                List.of(),
                text);
    }

    private String show(String query, String column) throws SQLException {
        try (var statement = sql.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(column);
        }
    }

    private void add(
            Phase phase,
            Aspect aspect,
            String object,
            Optional<CollectionName> table,
            Optional<CollectionName> refersTo,
            List<Integer> needs,
            String text) {
        statements.add(new Statement(phase, aspect, object, table, refersTo, needs, List.of(), text));
    }

    private void each(String query, DatabaseRows.Use use) throws SQLException {
        DatabaseRows.each(sql, database, query, use);
    }
}

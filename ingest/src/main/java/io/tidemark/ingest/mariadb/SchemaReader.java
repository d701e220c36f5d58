package io.tidemark.ingest.mariadb;

import io.tidemark.mariadb.ColumnType;
import io.tidemark.mariadb.Identifiers;
import io.tidemark.mariadb.MariaDbConnections;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads a database's tables, and the statements that make everything in it, as the server itself writes them. */
final class SchemaReader {
    /** What the statement is about that sets the database's character set. */
    static final String DATABASE_DEFAULTS = "database defaults";

    private static final String COLUMNS = """
            SELECT c.table_name, c.column_name, c.column_type, coalesce(c.character_set_name, ''),
                   c.is_generated = 'ALWAYS' AND c.generation_expression NOT IN ('ROW START', 'ROW END')
            FROM information_schema.columns c JOIN information_schema.tables t
                 ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.table_schema = ? AND t.table_type = 'BASE TABLE'
            ORDER BY c.table_name, c.ordinal_position
            """;
    private static final String KEYS = """
            SELECT table_name, column_name FROM information_schema.statistics
            WHERE table_schema = ? AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index
            """;
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
    private final String database;
    private final Tables tables;

    SchemaReader(Connection sql, String database, Tables tables) {
        this.sql = sql;
        this.database = database;
        this.tables = tables;
    }

    /** The tables under backup, by name; their ids are made of the given text. */
    Map<String, TableShape> shapes(String idPrefix) throws SQLException {
        Map<String, List<String>> keys = new HashMap<>();
        each(
                KEYS,
                row -> keys.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                        .add(row.getString(2)));
        Map<String, List<Column>> columns = new TreeMap<>();
        Map<String, Set<String>> generated = new HashMap<>();
        each(COLUMNS, row -> {
            String table = row.getString(1);
            List<Column> ofTable = columns.computeIfAbsent(table, name -> new ArrayList<>());
            Set<String> generatedOfTable = generated.computeIfAbsent(table, name -> new HashSet<>());
            if (row.getBoolean(5)) {
                generatedOfTable.add(row.getString(2));
            } else {
                String charset = row.getString(4);
                ColumnType type =
                        ColumnType.parse(row.getString(3) + (charset.isEmpty() ? "" : " character set " + charset));
                ofTable.add(new Column(ofTable.size() + 1, row.getString(2), type.canonical(), type.encoding()));
            }
        });
        Map<String, TableShape> shapes = new TreeMap<>();
        columns.forEach((table, ofTable) -> {
            if (tables.covers(table)) {
                List<String> names = ofTable.stream().map(Column::name).toList();
                List<Integer> key = keys.getOrDefault(table, List.of()).stream()
                        .map(names::indexOf)
                        .filter(index -> index >= 0)
                        .toList();
                RowSchema rows =
                        new RowSchema(idPrefix + "/" + table, new CollectionName(database, table), ofTable, key);
                shapes.put(table, new TableShape(rows, generated.getOrDefault(table, Set.of())));
            }
        });
        return shapes;
    }

    /** A schema of these tables, with the statements that the server gives now. */
    SourceSchema schema(Map<String, TableShape> shapes) throws SQLException {
        String version = MariaDbConnections.value(sql, "SELECT version()").orElse("");
        return schema(version, new Statements().all(), shapes);
    }

    /** A schema of these tables with given statements. */
    static SourceSchema schema(String version, List<Statement> statements, Map<String, TableShape> shapes) {
        Map<String, List<String>> generated = new TreeMap<>();
        shapes.values().stream()
                .filter(shape -> !shape.generated().isEmpty())
                .forEach(shape -> generated.put(
                        shape.rows().id(), shape.generated().stream().sorted().toList()));
        return new SourceSchema(
                "mariadb",
                version,
                statements,
                new TreeMap<>(shapes).values().stream().map(TableShape::rows).toList(),
                generated);
    }

    /** The tables of a schema, by name. */
    static Map<String, TableShape> shapes(SourceSchema schema) {
        Map<String, TableShape> shapes = new HashMap<>();
        schema.collections()
                .forEach(rows -> shapes.put(
                        rows.collection().name(),
                        new TableShape(rows, Set.copyOf(schema.generated().getOrDefault(rows.id(), List.of())))));
        return shapes;
    }

    private interface RowUse {
        void of(ResultSet row) throws SQLException;
    }

    private void each(String query, RowUse use) throws SQLException {
        try (PreparedStatement statement = sql.prepareStatement(query)) {
            statement.setString(1, database);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    use.of(result);
                }
            }
        }
    }

    /** Collects the statements in an order in which each finds what it needs. */
    private final class Statements {
        private final List<Statement> statements = new ArrayList<>();

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
                    TableText text =
                            TableText.parse(show("SHOW CREATE TABLE " + Identifiers.quote(name), "Create Table"));
                    texts.put(name, text);
                    made.put(name, statements.size());
                    ofTable(
                            Phase.BEFORE_ROWS,
                            Aspect.TABLE,
                            "table " + name,
                            name,
                            "",
                            List.of(),
                            text.withoutIndexes());
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
                definition(entry.getValue(), name, column, Optional.empty(), List.of());
            }
        }

        /** A view comes behind those that its text names. */
        private void views(Map<String, String> types) throws SQLException {
            Map<String, String> texts = new TreeMap<>();
            for (Map.Entry<String, String> entry : types.entrySet()) {
                if (entry.getValue().equals("VIEW")) {
                    texts.put(
                            entry.getKey(),
                            show("SHOW CREATE VIEW " + Identifiers.quote(entry.getKey()), "Create View"));
                }
            }
            while (!texts.isEmpty()) {
                Optional<String> free = texts.keySet().stream()
                        .filter(name -> texts.keySet().stream()
                                .noneMatch(other -> !other.equals(name)
                                        && texts.getOrDefault(name, "").contains(Identifiers.quote(other))))
                        .findFirst();
                String next = free.orElseGet(() -> texts.keySet().iterator().next());
                definition("VIEW", next, "Create View", Optional.empty(), List.of());
                texts.remove(next);
            }
        }

        private void described(String query, String kind, String column) throws SQLException {
            Map<Integer, String[]> found = new TreeMap<>();
            each(query, row -> found.put(found.size(), new String[] {row.getString(1), row.getString(2)}));
            for (String[] object : found.values()) {
                Optional<CollectionName> table =
                        object[1].isEmpty() ? Optional.empty() : Optional.of(new CollectionName(database, object[1]));
                definition(kind, object[0], column, table, List.of());
            }
        }

        /** An object that remembers the settings it was made under; they come first in its text. */
        private void definition(
                String kind, String name, String column, Optional<CollectionName> table, List<Integer> needs)
                throws SQLException {
            try (var statement = sql.createStatement();
                    ResultSet row = statement.executeQuery("SHOW CREATE " + kind + " " + Identifiers.quote(name))) {
                if (!row.next() || row.getString(column) == null) {
                    throw new SQLException(
                            "the definition of " + kind.toLowerCase(java.util.Locale.ROOT) + " " + name
                                    + " is not shown to this user",
                            "42000");
                }
                String mode = kind.equals("VIEW") ? "" : row.getString("sql_mode");
                String text = "SET sql_mode = " + Identifiers.literal(mode) + ", character_set_client = "
                        + row.getString("character_set_client") + ", collation_connection = "
                        + row.getString("collation_connection")
                        + (kind.equals("EVENT")
                                ? ", time_zone = " + Identifiers.literal(row.getString("time_zone"))
                                : "")
                        + ";\n" + row.getString(column).replace(Identifiers.quote(database) + ".", "");
                add(
                        Phase.AFTER_ROWS,
                        Aspect.DEFINITION,
                        kind.toLowerCase(java.util.Locale.ROOT) + " " + name,
                        table,
                        Optional.empty(),
                        needs,
                        text);
            }
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
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads a database's tables, and the statements that make everything in it, as the server itself writes them. */
final class SchemaReader {
    private static final String COLUMNS = """
            SELECT c.table_name, c.column_name, c.column_type, coalesce(c.character_set_name, ''),
                   coalesce(c.generation_expression, '') NOT IN ('', 'ROW START', 'ROW END')
            FROM information_schema.columns c JOIN information_schema.tables t
                 ON t.table_schema = c.table_schema AND t.table_name = c.table_name
            WHERE c.table_schema = ? AND t.table_type = 'BASE TABLE'
            ORDER BY c.table_name, c.ordinal_position
            """;
    private static final String KEYS = """
            SELECT table_name, column_name FROM information_schema.statistics
            WHERE table_schema = ? AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index
            """;

    private final Connection sql;
    private final ServerDialect dialect;
    private final Tables tables;

    SchemaReader(Connection sql, ServerDialect dialect, Tables tables) {
        this.sql = sql;
        this.dialect = dialect;
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
                RowSchema rows = new RowSchema(
                        idPrefix + "/" + table, new CollectionName(tables.database(), table), ofTable, key);
                shapes.put(table, new TableShape(rows, generated.getOrDefault(table, Set.of())));
            }
        });
        return shapes;
    }

    /** A schema of these tables, with the statements that the server gives now. */
    SourceSchema schema(Map<String, TableShape> shapes) throws SQLException {
        String version = ServerConnections.value(sql, "SELECT version()").orElse("");
        return schema(dialect, version, new ServerStatements(sql, tables).all(), shapes);
    }

    /** A schema of these tables with given statements. */
    static SourceSchema schema(
            ServerDialect dialect, String version, List<Statement> statements, Map<String, TableShape> shapes) {
        Map<String, List<String>> generated = new TreeMap<>();
        shapes.values().stream()
                .filter(shape -> !shape.generated().isEmpty())
                .forEach(shape -> generated.put(
                        shape.rows().id(), shape.generated().stream().sorted().toList()));
        return new SourceSchema(
                dialect.engine(),
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

    private void each(String query, DatabaseRows.Use use) throws SQLException {
        DatabaseRows.each(sql, tables.database(), query, use);
    }
}

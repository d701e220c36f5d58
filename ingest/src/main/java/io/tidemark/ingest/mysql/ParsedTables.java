package io.tidemark.ingest.mysql;

import io.debezium.antlr.AntlrDdlParser;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;
import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.Identifiers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tables as Debezium's parser keeps them, and back. Ids of tables travel through it in the place of comments, which survive
 * the renaming of tables. Not thread-safe.
 */
final class ParsedTables {
    private final io.tidemark.ingest.mysql.Tables covered;
    private final String database;
    private final DdlLanguage language;
    private final Function<Optional<String>, String> defaultCharset;
    private final Map<String, TableShape> before;
    private final Map<String, String> untold = new TreeMap<>();
    /** What statements touched; columns of other tables may have the names that they speak of. */
    private final Set<String> touched = new HashSet<>();

    private final Tables tables;

    ParsedTables(
            io.tidemark.ingest.mysql.Tables covered,
            DdlLanguage language,
            Function<Optional<String>, String> defaultCharset,
            Map<String, TableShape> before) {
        this.covered = covered;
        database = covered.database();
        tables = new Tables(covered.lowerCase());
        this.language = language;
        this.defaultCharset = defaultCharset;
        this.before = before;
        before.values().forEach(shape -> tables.overwriteTable(table(shape)));
        tables.drainChanges();
    }

    /**
     * Carries out a statement.
     *
     * @param session the database that was chosen when it ran
     * @throws io.debezium.text.ParsingException if it is not understood
     * @throws io.debezium.text.MultipleParsingExceptions if it is not understood
     */
    void apply(String session, String sql) {
        AntlrDdlParser<?, ?> parser = language.parser();
        parser.setCurrentDatabase(covered.name(session));
        parser.setCurrentSchema(covered.name(session));
        parser.parse(covered.lowerCase() ? withDatabaseInLowerCase(sql) : sql, tables);
        tables.drainChanges().stream()
                .filter(id -> database.equals(covered.name(String.valueOf(id.catalog()))))
                .forEach(id -> touched.add(covered.name(id.table())));
    }

    /** The parser finds tables whatever the case of their names, but not that of their database's. */
    private String withDatabaseInLowerCase(String sql) {
        return sql.replaceAll(
                "(?i)(?<![\\w$`])(`?)" + Pattern.quote(database) + "\\1(?=\\s*\\.)",
                Matcher.quoteReplacement(Identifiers.quote(database)));
    }

    private Table table(TableShape shape) {
        RowSchema rows = shape.rows();
        List<Column> columns = new ArrayList<>();
        for (io.tidemark.model.Column column : rows.columns()) {
            ColumnType type = ColumnType.parse(column.type());
            var editor = Column.editor()
                    .name(column.name())
                    .position(columns.size() + 1)
                    .type(typeName(type))
                    .jdbcType(java.sql.Types.VARCHAR)
                    .comment(rows.id() + "\n" + column.type());
            if (type.base().equals("enum") || type.base().equals("set")) {
                editor.enumValues(type.arguments());
            }
            columns.add(editor.create());
        }
        for (String name : shape.generated()) {
            columns.add(Column.editor()
                    .name(name)
                    .position(columns.size() + 1)
                    .type("int")
                    .jdbcType(java.sql.Types.INTEGER)
                    .generated(true)
                    .comment(rows.id() + "\n")
                    .create());
        }
        return Table.editor()
                .tableId(new TableId(database, null, rows.collection().name()))
                .addColumns(columns)
                .setPrimaryKeyNames(rows.key().stream()
                        .map(i -> rows.columns().get(i).name())
                        .toList())
                .setDefaultCharsetName(
                        defaultCharset.apply(Optional.of(rows.collection().name())))
                .create();
    }

    private static String typeName(ColumnType type) {
        return type.base() + (type.unsigned() ? " unsigned" : "");
    }

    /**
     * The tables as they are now.
     *
     * @param tree of the statement that was applied
     * @param made the names of tables that it made, in the place of others of those names if there were any
     * @param place of the statement, for the ids of what it made
     */
    Map<String, TableShape> shapes(
            StatementTree tree, Set<String> made, String place, DdlReader.MissingValues missing) {
        Map<String, TableShape> after = new HashMap<>();
        Set<String> taken = new HashSet<>();
        List<Table> ours = tables.tableIds().stream()
                .filter(id -> database.equals(id.catalog()))
                .map(tables::forTable)
                // Tables that were there before keep their ids; a copy of one does not get them.
                .sorted(Comparator.comparing((Table table) -> !before.containsKey(name(table))))
                .toList();
        for (Table table : ours) {
            String name = name(table);
            if (before.containsKey(name) && !touched.contains(name)) {
                TableShape same = before.get(name);
                taken.add(same.rows().id());
                after.put(name, same);
                continue;
            }
            Optional<TableShape> old = made.contains(name)
                    ? Optional.empty()
                    : before(table).filter(shape -> !taken.contains(shape.rows().id()));
            String id = old.map(shape -> shape.rows().id()).orElse(place + "/" + name);
            taken.add(id);
            after.put(name, shape(table, id, old, tree, missing));
        }
        return after;
    }

    private String name(Table table) {
        return covered.name(table.id().table());
    }

    /** The table that this one was. */
    private Optional<TableShape> before(Table table) {
        Optional<String> id = table.columns().stream()
                .map(Column::comment)
                .filter(comment -> comment != null && comment.contains("\n"))
                .map(comment -> comment.substring(0, comment.indexOf('\n')))
                .findFirst();
        return id.isPresent()
                ? before.values().stream()
                        .filter(shape -> shape.rows().id().equals(id.get()))
                        .findFirst()
                : Optional.ofNullable(before.get(name(table)));
    }

    private TableShape shape(
            Table table, String id, Optional<TableShape> old, StatementTree tree, DdlReader.MissingValues missing) {
        Map<String, io.tidemark.model.Column> oldColumns = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        Set<String> oldGenerated = new HashSet<>();
        old.ifPresent(shape -> {
            shape.rows().columns().forEach(column -> oldColumns.put(column.name(), column));
            oldGenerated.addAll(shape.generated());
        });
        int next = 1
                + oldColumns.values().stream()
                        .mapToInt(io.tidemark.model.Column::id)
                        .max()
                        .orElse(0);
        List<io.tidemark.model.Column> columns = new ArrayList<>();
        Set<String> generated = new HashSet<>();
        for (Column column : table.columns()) {
            String name = column.name();
            io.tidemark.model.Column was = tree.adds(name) ? null : oldColumns.get(tree.oldName(name));
            if (was != null && tree.addsIfMissing(name)) {
                columns.add(was);
                continue;
            }
            if (isGenerated(column, tree, old.isPresent(), oldGenerated)) {
                generated.add(name);
                continue;
            }
            ColumnType type = type(column, table);
            Optional<String> value = was != null
                    ? was.missing()
                    : old.isPresent() ? missing(table, column, type, missing) : Optional.empty();
            if (oldGenerated.contains(tree.oldName(name))) {
                untold.put(name(table), "the generated column " + name(table) + "." + name + " became one of its own");
            }
            columns.add(new io.tidemark.model.Column(
                    was != null ? was.id() : next++, name, type.canonical(), type.encoding(), value));
        }
        List<String> names = columns.stream()
                .map(column -> column.name().toLowerCase(Locale.ROOT))
                .toList();
        List<Integer> key = table.primaryKeyColumnNames().stream()
                .map(name -> names.indexOf(name.toLowerCase(Locale.ROOT)))
                .filter(index -> index >= 0)
                .toList();
        CollectionName collection = new CollectionName(database, name(table));
        return new TableShape(new RowSchema(id, collection, columns, key), generated);
    }

    private Optional<String> missing(Table table, Column column, ColumnType type, DdlReader.MissingValues missing) {
        MissingValue value = missing.of(name(table), column.name(), type.canonical(), column.isOptional());
        if (value instanceof MissingValue.Untold nothing) {
            untold.put(name(table), nothing.reason());
        }
        return value instanceof MissingValue.Known known ? known.text() : Optional.empty();
    }

    /** Tables in whose new columns rows from before hold what cannot be told, with the reasons; of the last {@link #shapes}. */
    Map<String, String> untold() {
        return untold;
    }

    /** The parser's own mark is on counters, too. */
    private static boolean isGenerated(
            Column column, StatementTree tree, boolean wasThere, Set<String> generatedBefore) {
        if (tree.declares(column.name())) {
            return tree.generates(column.name());
        }
        return wasThere ? generatedBefore.contains(tree.oldName(column.name())) : column.isGenerated();
    }

    private ColumnType type(Column column, Table table) {
        String comment = column.comment();
        if (comment != null && isUntouched(column, comment)) {
            return ColumnType.parse(comment.substring(comment.indexOf('\n') + 1));
        }
        String name = column.typeName() == null ? "" : column.typeName().toLowerCase(Locale.ROOT);
        if (name.equals("json")) {
            return ColumnType.parse(language.jsonType());
        }
        String base = name.replaceAll("\\s+(unsigned|zerofill|signed)", "");
        String between = "";
        if (base.equals("enum") || base.equals("set")) {
            between = column.enumValues().stream()
                    .map(member -> member.startsWith("'") ? member : Identifiers.literal(member))
                    .collect(Collectors.joining(",", "(", ")"));
        } else if (column.length() > 0) {
            between = "(" + column.length() + column.scale().map(s -> "," + s).orElse("") + ")";
        }
        String unsigned = name.contains("unsigned") || name.contains("zerofill") ? " unsigned" : "";
        boolean characters =
                ColumnType.parse(base + " character set latin1").canonical().contains("character set");
        return ColumnType.parse(
                base + between + unsigned + (characters ? " character set " + charset(column, table) : ""));
    }

    private String charset(Column column, Table table) {
        String ofTable = table.defaultCharsetName() == null
                ? defaultCharset.apply(Optional.empty())
                : table.defaultCharsetName();
        return (column.charsetName() == null ? ofTable : column.charsetName()).toLowerCase(Locale.ROOT);
    }

    /** Whether the parser left the column's type as {@link #table} told it. */
    private static boolean isUntouched(Column column, String comment) {
        ColumnType type = ColumnType.parse(comment.substring(comment.indexOf('\n') + 1));
        return typeName(type).equals(column.typeName())
                && column.jdbcType() == java.sql.Types.VARCHAR
                && column.length() == Column.UNSET_INT_VALUE;
    }
}

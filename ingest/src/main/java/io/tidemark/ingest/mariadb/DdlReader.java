package io.tidemark.ingest.mariadb;

import io.debezium.antlr.CaseChangingCharStream;
import io.debezium.connector.mariadb.antlr.MariaDbAntlrDdlParser;
import io.debezium.connector.mariadb.charset.MariaDbCharsetRegistry;
import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.tidemark.mariadb.ColumnType;
import io.tidemark.mariadb.Identifiers;
import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ErrorNode;
import org.antlr.v4.runtime.tree.ParseTreeListener;
import org.antlr.v4.runtime.tree.ParseTreeWalker;
import org.antlr.v4.runtime.tree.TerminalNode;

/**
 * Works out what the tables of a database look like behind a statement, with Debezium's parser of MariaDB's language. It
 * says so where it cannot tell: nothing is guessed. Not thread-safe.
 */
final class DdlReader {
    private static final Pattern VERB = Pattern.compile(
            "(?is)^\\s*(?:/\\*.*?\\*/\\s*|--[^\\n]*\\n\\s*|#[^\\n]*\\n\\s*)*(?:SET\\s+STATEMENT\\s.*?\\sFOR\\s+)?"
                    + "(CREATE|ALTER|DROP|RENAME|TRUNCATE)\\b(.*)$");
    private static final Pattern TABLE = Pattern.compile(
            "(?is)^\\s*(?:OR\\s+REPLACE\\s+)?(?:TEMPORARY\\s+)?(?:ONLINE\\s+|OFFLINE\\s+)?(?:IGNORE\\s+)?TABLES?\\b.*");
    private static final Pattern TEMPORARY = Pattern.compile("(?is)^\\s*(?:OR\\s+REPLACE\\s+)?TEMPORARY\\b.*");
    private static final Pattern TRUNCATED = Pattern.compile(
            "(?is)^\\s*(?:TABLE\\s+)?((?:`(?:[^`]|``)*`|[^\\s;.`]+)(?:\\s*\\.\\s*(?:`(?:[^`]|``)*`|[^\\s;.`]+))?).*");
    private static final Pattern INDEX = Pattern.compile(
            "(?is)^\\s*(?:OR\\s+REPLACE\\s+)?(?:ONLINE\\s+|OFFLINE\\s+)?(?:UNIQUE\\s+|FULLTEXT\\s+|SPATIAL\\s+)?INDEX\\b.*");

    /** Specifications of ALTER TABLE after which rows are what they were, but for columns that come and go. */
    private static final Set<String> PLAIN = Set.of(
            "AlterByAddColumnContext",
            "AlterByAddColumnsContext",
            "AlterByDropColumnContext",
            "AlterByRenameColumnContext",
            "AlterByChangeColumnContext",
            "AlterByModifyColumnContext",
            "AlterByAddIndexContext",
            "AlterByAddUniqueKeyContext",
            "AlterByAddSpecialIndexContext",
            "AlterByAddForeignKeyContext",
            "AlterByAddPrimaryKeyContext",
            "AlterByAddCheckTableConstraintContext",
            "AlterByAddDefinitionsContext",
            "AlterByDropIndexContext",
            "AlterByDropForeignKeyContext",
            "AlterByDropPrimaryKeyContext",
            "AlterByDropConstraintCheckContext",
            "AlterByRenameIndexContext",
            "AlterByRenameContext",
            "AlterByChangeDefaultContext",
            "AlterByAlterIndexVisibilityContext",
            "AlterByAlterIndexIgnoreContext",
            "AlterBySetAlgorithmContext",
            "AlterByLockContext",
            "AlterByForceContext",
            "AlterByValidateContext",
            "AlterByTableOptionContext",
            "AlterByDefaultCharsetContext",
            "AlterByEnableKeysContext",
            "AlterByDisableKeysContext",
            "AlterByOrderContext",
            "AlterPartitionContext",
            "AlterByAddPartitionContext",
            "AlterByReorganizePartitionContext",
            "AlterByCoalescePartitionContext",
            "AlterByRemovePartitioningContext",
            "AlterByOptimizePartitionContext",
            "AlterByCheckPartitionContext",
            "AlterByAnalyzePartitionContext",
            "AlterByRebuildPartitionContext",
            "AlterByRepairPartitionContext");

    private final String database;
    private final String defaultCharset;
    private final MissingValues missing;

    /** Finds out what rows from before hold in a column that came. */
    interface MissingValues {
        /** The value as it is kept; empty for NULL. */
        Optional<String> of(String table, String column, String type) throws UnknownValueException;
    }

    /** The value cannot be told. */
    static final class UnknownValueException extends Exception {
        private static final long serialVersionUID = 1;

        UnknownValueException(String message) {
            super(message);
        }
    }

    DdlReader(String database, String defaultCharset, MissingValues missing) {
        this.database = database;
        this.defaultCharset = defaultCharset;
        this.missing = missing;
    }

    /**
     * Reads a statement.
     *
     * @param session the database that was chosen when it ran
     * @param place where it stands in the log, for the ids of what it makes
     */
    DdlEffect read(String session, String sql, String place, Map<String, TableShape> tables) {
        Matcher verb = VERB.matcher(sql);
        if (!verb.matches()) {
            return new DdlEffect.None();
        }
        boolean ours = session.equals(database) || mentions(sql);
        String rest = verb.group(2);
        String word = verb.group(1).toUpperCase(Locale.ROOT);
        if (!ours || TEMPORARY.matcher(rest).matches()) {
            return new DdlEffect.None();
        }
        if (word.equals("TRUNCATE")) {
            return truncated(session, rest, tables);
        }
        if (!TABLE.matcher(rest).matches() && !INDEX.matcher(rest).matches()) {
            return word.equals("DROP") && rest.strip().toUpperCase(Locale.ROOT).startsWith("DATABASE")
                    ? new DdlEffect.Unknown("the database was dropped")
                    : new DdlEffect.Changed(tables);
        }
        if (INDEX.matcher(rest).matches()) {
            return new DdlEffect.Changed(tables);
        }
        return changed(session, sql, place, tables);
    }

    private boolean mentions(String sql) {
        String lower = sql.toLowerCase(Locale.ROOT);
        String name = database.toLowerCase(Locale.ROOT);
        return lower.contains(name);
    }

    private DdlEffect truncated(String session, String rest, Map<String, TableShape> tables) {
        Matcher matcher = TRUNCATED.matcher(rest);
        if (!matcher.matches()) {
            return new DdlEffect.Unknown("a truncation was not understood");
        }
        List<String> parts = new ArrayList<>();
        Matcher part = Pattern.compile("`((?:[^`]|``)*)`|([^\\s.`]+)").matcher(matcher.group(1));
        while (part.find()) {
            parts.add(part.group(1) != null ? part.group(1).replace("``", "`") : part.group(2));
        }
        String of = parts.size() > 1 ? parts.get(0) : session;
        String table = parts.get(parts.size() - 1);
        return of.equals(database) && tables.containsKey(table) ? new DdlEffect.Truncated(table) : new DdlEffect.None();
    }

    private DdlEffect changed(String session, String sql, String place, Map<String, TableShape> tables) {
        Tables parsed = new Tables();
        tables.values().forEach(shape -> parsed.overwriteTable(toDebezium(shape)));
        MariaDbAntlrDdlParser parser = new MariaDbAntlrDdlParser(
                true, false, false, Tables.TableFilter.includeAll(), new MariaDbCharsetRegistry());
        try {
            Optional<String> beyond = beyondPlain(sql);
            parser.setCurrentDatabase(session);
            parser.setCurrentSchema(session);
            parser.parse(sql, parsed);
            Map<String, TableShape> after = fromDebezium(parsed, tables, place);
            if (beyond.isPresent() && !after.isEmpty()) {
                return new DdlEffect.Unknown(beyond.get());
            }
            Optional<String> lossy = rewritten(tables, after);
            return lossy.<DdlEffect>map(DdlEffect.Unknown::new).orElseGet(() -> new DdlEffect.Changed(after));
        } catch (ParsingException | MultipleParsingExceptions e) {
            return new DdlEffect.Unknown("a statement was not understood: " + brief(sql));
        } catch (UnknownValueException e) {
            return new DdlEffect.Unknown(String.valueOf(e.getMessage()));
        }
    }

    private static String brief(String sql) {
        String line = sql.replaceAll("\\s+", " ").strip();
        return line.length() > 120 ? line.substring(0, 120) + "..." : line;
    }

    /** What a statement does besides, if it does something to rows that its text does not tell. */
    private Optional<String> beyondPlain(String sql) {
        MariaDBLexer lexer = new MariaDBLexer(new CaseChangingCharStream(CharStreams.fromString(sql), true));
        MariaDBParser parser = new MariaDBParser(new CommonTokenStream(lexer));
        lexer.removeErrorListeners();
        parser.removeErrorListeners();
        List<String> beyond = new ArrayList<>();
        ParseTreeWalker.DEFAULT.walk(
                new ParseTreeListener() {
                    @Override
                    public void enterEveryRule(ParserRuleContext context) {
                        String rule = context.getClass().getSimpleName();
                        if (context instanceof MariaDBParser.AlterSpecificationContext && !PLAIN.contains(rule)) {
                            beyond.add(rule);
                        }
                        if (context instanceof MariaDBParser.AlterPartitionSpecificationContext
                                && !PLAIN.contains(rule)) {
                            beyond.add(rule);
                        }
                        if (context instanceof MariaDBParser.AlterTableContext alter && alter.IGNORE() != null) {
                            beyond.add("IGNORE");
                        }
                    }

                    @Override
                    public void visitTerminal(TerminalNode node) {}

                    @Override
                    public void visitErrorNode(ErrorNode node) {}

                    @Override
                    public void exitEveryRule(ParserRuleContext context) {}
                },
                parser.root());
        return beyond.isEmpty()
                ? Optional.empty()
                : Optional.of("rows were changed by a statement of the schema: " + brief(sql));
    }

    /** Ids travel through the parser in the place of comments, which survive renaming and nothing else. */
    private Table toDebezium(TableShape shape) {
        RowSchema rows = shape.rows();
        List<Column> columns = new ArrayList<>();
        for (io.tidemark.model.Column column : rows.columns()) {
            ColumnType type = ColumnType.parse(column.type());
            boolean isList = type.base().equals("enum") || type.base().equals("set");
            var editor = Column.editor()
                    .name(column.name())
                    .position(columns.size() + 1)
                    .type(type.base() + (type.unsigned() ? " unsigned" : ""))
                    .jdbcType(java.sql.Types.VARCHAR)
                    .comment(rows.id() + "\n" + column.id() + "\n" + column.type());
            if (isList) {
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
                    .comment(rows.id() + "\n0\n")
                    .create());
        }
        return Table.editor()
                .tableId(new TableId(database, null, rows.collection().name()))
                .addColumns(columns)
                .setPrimaryKeyNames(rows.key().stream()
                        .map(i -> rows.columns().get(i).name())
                        .toList())
                .setDefaultCharsetName(defaultCharset)
                .create();
    }

    private Map<String, TableShape> fromDebezium(Tables parsed, Map<String, TableShape> before, String place)
            throws UnknownValueException {
        Map<String, TableShape> after = new HashMap<>();
        Set<String> taken = new HashSet<>();
        List<Table> tables = parsed.tableIds().stream()
                .filter(id -> database.equals(id.catalog()))
                .map(parsed::forTable)
                // Tables that were there before keep their ids; a copy of one does not get them.
                .sorted(java.util.Comparator.comparing(
                        (Table table) -> !before.containsKey(table.id().table())))
                .toList();
        for (Table table : tables) {
            Optional<String> id = table.columns().stream()
                    .filter(column -> column.comment() != null)
                    .map(column -> column.comment().split("\n", -1)[0])
                    .filter(found -> !taken.contains(found))
                    .findFirst();
            String tableId = id.orElse(place + "/" + table.id().table());
            taken.add(tableId);
            Optional<TableShape> same = before.values().stream()
                    .filter(shape -> shape.rows().id().equals(tableId))
                    .findFirst();
            after.put(table.id().table(), shape(table, tableId, same));
        }
        return after;
    }

    private TableShape shape(Table table, String id, Optional<TableShape> before) throws UnknownValueException {
        List<io.tidemark.model.Column> columns = new ArrayList<>();
        Set<String> generated = new HashSet<>();
        int next = 1
                + before.stream()
                        .flatMap(shape -> shape.rows().columns().stream())
                        .mapToInt(io.tidemark.model.Column::id)
                        .max()
                        .orElse(0);
        for (Column column : table.columns()) {
            String[] carried =
                    column.comment() == null ? new String[0] : column.comment().split("\n", -1);
            boolean known = before.isPresent() && carried.length == 3 && carried[0].equals(id);
            if (column.isGenerated()) {
                generated.add(column.name());
                continue;
            }
            if (known && carried[1].equals("0")) {
                throw new UnknownValueException(
                        "the generated column " + table.id().table() + "." + column.name() + " became one of its own");
            }
            ColumnType type = type(column, table, carried);
            Optional<String> value = Optional.empty();
            int columnId;
            if (known) {
                columnId = Integer.parseInt(carried[1]);
                value = before.orElseThrow().rows().columns().stream()
                        .filter(c -> c.id() == columnId)
                        .findFirst()
                        .flatMap(io.tidemark.model.Column::missing);
            } else {
                columnId = next++;
                if (before.isPresent()) {
                    value = missing.of(table.id().table(), column.name(), type.canonical());
                }
            }
            columns.add(
                    new io.tidemark.model.Column(columnId, column.name(), type.canonical(), type.encoding(), value));
        }
        List<String> names =
                columns.stream().map(io.tidemark.model.Column::name).toList();
        List<Integer> key = table.primaryKeyColumnNames().stream()
                .map(name -> indexOf(names, name))
                .filter(index -> index >= 0)
                .toList();
        return new TableShape(
                new RowSchema(id, new CollectionName(database, table.id().table()), columns, key), generated);
    }

    private static int indexOf(List<String> names, String name) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(name)) {
                return i;
            }
        }
        return -1;
    }

    private ColumnType type(Column column, Table table, String[] carried) {
        String name = column.typeName() == null ? "" : column.typeName().toLowerCase(Locale.ROOT);
        if (carried.length == 3 && !carried[2].isEmpty() && isUntouched(column, carried[2])) {
            return ColumnType.parse(carried[2]);
        }
        String charset = column.charsetName() != null
                ? column.charsetName()
                : table.defaultCharsetName() != null ? table.defaultCharsetName() : defaultCharset;
        String unsigned = name.contains("unsigned") || name.contains("zerofill") ? " unsigned" : "";
        String base = name.replaceAll("\\s+(unsigned|zerofill|signed)", "");
        String between = "";
        if (base.equals("enum") || base.equals("set")) {
            between = column.enumValues().stream()
                    .map(member -> member.startsWith("'") ? member : Identifiers.literal(member))
                    .collect(Collectors.joining(",", "(", ")"));
        } else if (column.length() > 0) {
            between = "(" + column.length() + column.scale().map(s -> "," + s).orElse("") + ")";
        }
        boolean characters = !base.isEmpty()
                && ColumnType.parse(base + " character set latin1").canonical().contains("character set");
        return ColumnType.parse(
                base + between + unsigned + (characters ? " character set " + charset.toLowerCase(Locale.ROOT) : ""));
    }

    /** Whether the parser left the column's type as {@link #toDebezium} told it. */
    private static boolean isUntouched(Column column, String typeText) {
        ColumnType type = ColumnType.parse(typeText);
        return (type.base() + (type.unsigned() ? " unsigned" : "")).equals(column.typeName())
                && column.jdbcType() == java.sql.Types.VARCHAR
                && column.length() == Column.UNSET_INT_VALUE;
    }

    /** Why rows from before are not, column by column, what they were; empty if they are. */
    private static Optional<String> rewritten(Map<String, TableShape> before, Map<String, TableShape> after) {
        Map<String, TableShape> byId = new HashMap<>();
        before.values().forEach(shape -> byId.put(shape.rows().id(), shape));
        for (TableShape shape : after.values()) {
            TableShape old = byId.get(shape.rows().id());
            if (old == null || old.equals(shape)) {
                continue;
            }
            if (!keyIds(old.rows()).equals(keyIds(shape.rows()))) {
                return Optional.of("the key of " + shape.rows().collection() + " changed");
            }
            for (io.tidemark.model.Column column : shape.rows().columns()) {
                int index = old.rows().indexOf(column.id());
                if (index >= 0
                        && !TypeChange.keepsValues(
                                old.rows().columns().get(index).type(), column.type())) {
                    return Optional.of("the column " + shape.rows().collection() + "." + column.name() + " became "
                            + column.type());
                }
            }
        }
        return Optional.empty();
    }

    private static List<Integer> keyIds(RowSchema rows) {
        return rows.key().stream().map(i -> rows.columns().get(i).id()).toList();
    }
}

package io.tidemark.ingest.mysql;

import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Works out what the tables of a database look like behind a statement, with Debezium's parser of the server's language. It
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
    private static final Pattern PART = Pattern.compile("`((?:[^`]|``)*)`|([^\\s.`]+)");
    private static final String NAME = "((?:`(?:[^`]|``)*`|[^\\s(.`]+)(?:\\s*\\.\\s*(?:`(?:[^`]|``)*`|[^\\s(.`]+))?).*";
    private static final Pattern CREATED =
            Pattern.compile("(?is)^.*?\\bCREATE\\s+(?:OR\\s+REPLACE\\s+)?TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?" + NAME);
    private static final Pattern ALTERED = Pattern.compile(
            "(?is)^.*?\\bALTER\\s+(?:ONLINE\\s+|OFFLINE\\s+)?(?:IGNORE\\s+)?TABLE\\s+(IF\\s+EXISTS\\s+)?" + NAME);

    private final String database;
    private final DdlLanguage language;
    private final Function<Optional<String>, String> defaultCharset;
    private final MissingValues missing;

    /** Finds out what rows from before hold in a column that came. */
    interface MissingValues {
        /**
         * The value as it is kept; empty for NULL.
         *
         * @throws io.tidemark.model.TidemarkException of kind STREAM_LOST if it cannot be told
         */
        Optional<String> of(String table, String column, String type, boolean nullable);
    }

    /**
     * @param defaultCharset the character set of columns of a table, or of a new one, that do not name any
     */
    DdlReader(
            String database,
            DdlLanguage language,
            Function<Optional<String>, String> defaultCharset,
            MissingValues missing) {
        this.database = database;
        this.language = language;
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
        if (!concerns(database, session, sql) || !verb.matches()) {
            return new DdlEffect.None();
        }
        String rest = verb.group(2);
        String word = verb.group(1).toUpperCase(Locale.ROOT);
        if (word.equals("TRUNCATE")) {
            return truncated(session, rest, tables);
        }
        if (!TABLE.matcher(rest).matches()) {
            return word.equals("DROP") && rest.strip().toUpperCase(Locale.ROOT).startsWith("DATABASE")
                    ? new DdlEffect.Unknown("the database was dropped")
                    : new DdlEffect.Changed(tables);
        }
        Optional<CollectionName> subject = subject(session, sql);
        if (subject.filter(table -> !table.namespace().equals(database)).isPresent()
                || findsItsTable(session, sql, tables)) {
            return new DdlEffect.None();
        }
        boolean altersOther = ALTERED.matcher(sql).matches()
                && subject.filter(table -> !tables.containsKey(table.name())).isPresent();
        // Of tables that are left out only the statements are kept.
        return altersOther ? new DdlEffect.Changed(tables) : changed(session, sql, place, tables);
    }

    /** Whether a statement may be about the schema of a database; its text alone tells. */
    static boolean concerns(String database, String session, String sql) {
        Matcher verb = VERB.matcher(sql);
        return verb.matches()
                && !TEMPORARY.matcher(verb.group(2)).matches()
                && (session.equals(database) || names(database, sql));
    }

    /** Whether the name stands before a dot, or where databases are made and dropped. */
    private static boolean names(String database, String sql) {
        String name = "`?" + Pattern.quote(database) + "`?";
        return Pattern.compile("(?<![\\w$`])" + name + "\\s*\\.").matcher(sql).find()
                || Pattern.compile("(?i:DATABASE|SCHEMA)\\b.*" + name)
                        .matcher(sql)
                        .find();
    }

    private DdlEffect truncated(String session, String rest, Map<String, TableShape> tables) {
        Matcher matcher = TRUNCATED.matcher(rest);
        if (!matcher.matches()) {
            return new DdlEffect.Unknown("a truncation was not understood");
        }
        List<String> parts = parts(matcher.group(1));
        String of = parts.size() > 1 ? parts.get(0) : session;
        String table = parts.get(parts.size() - 1);
        return of.equals(database) && tables.containsKey(table) ? new DdlEffect.Truncated(table) : new DdlEffect.None();
    }

    private DdlEffect changed(String session, String sql, String place, Map<String, TableShape> tables) {
        try {
            ParsedTables parsed = new ParsedTables(database, language, defaultCharset, tables);
            parsed.apply(session, sql);
            StatementTree tree = StatementTree.of(language, sql);
            Map<String, TableShape> after = parsed.shapes(tree, made(session, sql), place, missing);
            if (tree.changesRows()) {
                return new DdlEffect.Unknown("rows were changed by a statement of the schema: " + brief(sql));
            }
            Optional<String> lossy = rewritten(tables, after);
            return lossy.<DdlEffect>map(DdlEffect.Unknown::new).orElseGet(() -> new DdlEffect.Changed(after));
        } catch (ParsingException | MultipleParsingExceptions e) {
            return createdTable(session, sql)
                    .filter(table -> !tables.containsKey(table))
                    .<DdlEffect>map(table -> new DdlEffect.Made(table, brief(sql)))
                    .orElseGet(() -> new DdlEffect.Unknown("a statement was not understood: " + brief(sql)));
        }
    }

    /** The table that a statement makes. */
    private Set<String> made(String session, String sql) {
        return createdTable(session, sql).map(Set::of).orElse(Set.of());
    }

    private static Optional<String> createdTable(String session, String sql) {
        return CREATED.matcher(sql).matches() ? subject(session, sql).map(CollectionName::name) : Optional.empty();
    }

    /** The table that a statement makes or alters. */
    private static Optional<CollectionName> subject(String session, String sql) {
        return Stream.of(CREATED.matcher(sql), ALTERED.matcher(sql))
                .filter(Matcher::matches)
                .map(matcher -> parts(matcher.group(2)))
                .map(parts ->
                        new CollectionName(parts.size() > 1 ? parts.get(0) : session, parts.get(parts.size() - 1)))
                .findFirst();
    }

    /** Whether the statement did nothing because its table was there. */
    private boolean findsItsTable(String session, String sql, Map<String, TableShape> tables) {
        Matcher matcher = CREATED.matcher(sql);
        return matcher.matches()
                && matcher.group(1) != null
                && createdTable(session, sql).filter(tables::containsKey).isPresent();
    }

    private static List<String> parts(String name) {
        List<String> parts = new ArrayList<>();
        Matcher part = PART.matcher(name);
        while (part.find()) {
            parts.add(part.group(1) != null ? part.group(1).replace("``", "`") : part.group(2));
        }
        return parts;
    }

    private static String brief(String sql) {
        String line = sql.replaceAll("\\s+", " ").strip();
        return line.length() > 120 ? line.substring(0, 120) + "..." : line;
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
            if (shape.rows().isMultiset() && !columnIds(old.rows()).equals(columnIds(shape.rows()))) {
                return Optional.of("the columns of " + shape.rows().collection()
                        + " changed, whose rows have no key but all their values");
            }
            for (Column column : shape.rows().columns()) {
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

    private static List<Integer> columnIds(RowSchema rows) {
        return rows.columns().stream().map(Column::id).toList();
    }

    private static List<Integer> keyIds(RowSchema rows) {
        return rows.key().stream().map(i -> rows.columns().get(i).id()).toList();
    }
}

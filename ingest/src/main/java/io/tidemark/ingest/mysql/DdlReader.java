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
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Works out what the tables of a database look like behind a statement, with Debezium's parser of the server's language. It
 * says so where it cannot tell: nothing is guessed. Not thread-safe.
 */
final class DdlReader {
    /** What MariaDB lets stand before a statement. */
    private static final String SETTINGS = "(?:SET\\s+STATEMENT\\s.*?\\sFOR\\s+)?";

    private static final Pattern VERB =
            Pattern.compile("(?is)^" + SETTINGS + "(CREATE|ALTER|DROP|RENAME|TRUNCATE)\\b(.*)$");
    /** What writes rows; with row events it is not in the log. */
    private static final Pattern WRITE = Pattern.compile(
            "(?is)^" + SETTINGS + "(?:INSERT|REPLACE|UPDATE|DELETE|LOAD|WITH|SELECT|DO|CALL|VALUES|HANDLER)\\b.*$");
    /** What a server that starts says of tables that it keeps in memory only. */
    private static final Pattern EMPTIED = Pattern.compile("(?is)^DELETE\\s+FROM\\s+([^\\s;]+)\\s*;?$");

    private static final Pattern RENAMES = Pattern.compile("(?is).*\\bRENAME\\b.*");
    private static final Pattern TABLE = Pattern.compile(
            "(?is)^\\s*(?:OR\\s+REPLACE\\s+)?(?:TEMPORARY\\s+)?(?:ONLINE\\s+|OFFLINE\\s+)?(?:IGNORE\\s+)?TABLES?\\b.*");
    private static final Pattern INDEX = Pattern.compile(
            "(?is)^\\s*(?:OR\\s+REPLACE\\s+)?(?:ONLINE\\s+|OFFLINE\\s+)?(?:UNIQUE\\s+|FULLTEXT\\s+|SPATIAL\\s+)?INDEX\\b.*");
    private static final Pattern DATABASE = Pattern.compile("(?is)^\\s*(?:DATABASE|SCHEMA)\\b.*");
    /** What belongs to the server, not to one of its databases. */
    private static final Pattern SERVERS =
            Pattern.compile("(?is)^\\s*(?:OR\\s+REPLACE\\s+)?(?:USER|ROLE|SERVER|INSTANCE|"
                    + "TABLESPACE|UNDO|LOGFILE|RESOURCE|SPATIAL\\s+REFERENCE|CATALOG)\\b.*");

    private static final Pattern TEMPORARY = Pattern.compile("(?is)^\\s*(?:OR\\s+REPLACE\\s+)?TEMPORARY\\b.*");
    private static final Pattern TRUNCATED = Pattern.compile(
            "(?is)^\\s*(?:TABLE\\s+)?((?:`(?:[^`]|``)*`|[^\\s;.`]+)(?:\\s*\\.\\s*(?:`(?:[^`]|``)*`|[^\\s;.`]+))?).*");
    private static final Pattern PART = Pattern.compile("`((?:[^`]|``)*)`|([^\\s.`]+)");
    private static final String NAME = "((?:`(?:[^`]|``)*`|[^\\s(.`]+)(?:\\s*\\.\\s*(?:`(?:[^`]|``)*`|[^\\s(.`]+))?).*";
    private static final Pattern CREATED = Pattern.compile(
            "(?is)^" + SETTINGS + "CREATE\\s+(?:OR\\s+REPLACE\\s+)?TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?" + NAME);
    private static final Pattern ALTERED = Pattern.compile("(?is)^" + SETTINGS
            + "ALTER\\s+(?:ONLINE\\s+|OFFLINE\\s+)?(?:IGNORE\\s+)?TABLE\\s+(IF\\s+EXISTS\\s+)?" + NAME);

    private final Tables covered;
    private final String database;
    private final DdlLanguage language;
    private final Function<Optional<String>, String> defaultCharset;
    private final MissingValues missing;

    /** Finds out what rows from before hold in a column that came. */
    interface MissingValues {
        /** The value in a column of this type. */
        MissingValue of(String table, String column, String type, boolean nullable);
    }

    /**
     * @param defaultCharset the character set of columns of a table, or of a new one, that do not name any
     */
    DdlReader(
            Tables covered,
            DdlLanguage language,
            Function<Optional<String>, String> defaultCharset,
            MissingValues missing) {
        this.covered = covered;
        database = covered.database();
        this.language = language;
        this.defaultCharset = defaultCharset;
        this.missing = missing;
    }

    /**
     * Reads a statement that {@link #concerns} the database.
     *
     * @param session the database that was chosen when it ran
     * @param sql its plain text
     * @param place where it stands in the log, for the ids of what it makes
     */
    DdlEffect read(String session, String sql, String place, Map<String, TableShape> tables) {
        if (writesRows(sql)) {
            return emptiesOther(session, sql, tables)
                    ? new DdlEffect.None()
                    : new DdlEffect.Unknown(
                            "rows were written by a statement of which the binary log has the text alone, so "
                                    + "binlog_format must be ROW in all sessions: " + brief(sql));
        }
        Matcher verb = VERB.matcher(sql);
        if (!verb.matches()) {
            return new DdlEffect.None();
        }
        String rest = verb.group(2);
        String word = verb.group(1).toUpperCase(Locale.ROOT);
        if (word.equals("TRUNCATE")) {
            return truncated(session, rest, tables);
        }
        if (!TABLE.matcher(rest).matches()) {
            return word.equals("DROP") && DATABASE.matcher(rest).matches()
                    ? new DdlEffect.Unknown("the database was dropped")
                    : new DdlEffect.Changed(tables);
        }
        Optional<CollectionName> subject = subject(session, sql);
        boolean elsewhere =
                subject.filter(table -> !table.namespace().equals(database)).isPresent();
        if ((elsewhere && !renames(sql)) || findsItsTable(session, sql, tables)) {
            return new DdlEffect.None();
        }
        boolean altersOther = ALTERED.matcher(sql).matches()
                && subject.filter(table -> elsewhere || !tables.containsKey(table.name()))
                        .isPresent();
        // Of tables that are left out only the statements are kept.
        return altersOther ? new DdlEffect.Changed(tables) : changed(session, sql, place, tables);
    }

    /** Whether a plain statement may be about the schema or the rows of a database; its text alone tells. */
    static boolean concerns(Tables covered, String session, String sql) {
        Matcher verb = VERB.matcher(sql);
        boolean isSchemas = verb.matches()
                && !TEMPORARY.matcher(verb.group(2)).matches()
                && !SERVERS.matcher(verb.group(2)).matches();
        return (isSchemas || writesRows(sql))
                && (covered.name(session).equals(covered.database())
                        || names(covered.database(), covered.lowerCase(), sql));
    }

    /** Whether a plain statement writes rows instead of changing the schema. */
    static boolean writesRows(String sql) {
        return WRITE.matcher(sql).matches();
    }

    /** Whether a plain statement is about tables themselves, or their indexes. */
    static boolean isAboutTables(String sql) {
        Matcher verb = VERB.matcher(sql);
        return verb.matches()
                && (TABLE.matcher(verb.group(2)).matches()
                        || INDEX.matcher(verb.group(2)).matches());
    }

    /** Whether a plain statement takes tables away, or their names. */
    static boolean takesTablesAway(String sql) {
        Matcher verb = VERB.matcher(sql);
        return verb.matches()
                && TABLE.matcher(verb.group(2)).matches()
                && (verb.group(1).equalsIgnoreCase("DROP") || renames(sql));
    }

    /** Whether a plain statement may give tables other names. */
    static boolean renames(String sql) {
        return RENAMES.matcher(sql).matches();
    }

    /** Whether a plain statement may be about a table of this name. */
    static boolean mentions(String sql, String table) {
        String name = Pattern.quote(table.replace("`", "``"));
        return Pattern.compile("(?i)(?<![\\w$])" + name + "(?![\\w$])")
                .matcher(sql)
                .find();
    }

    private boolean emptiesOther(String session, String sql, Map<String, TableShape> tables) {
        Matcher emptied = EMPTIED.matcher(sql);
        if (!emptied.matches()) {
            return false;
        }
        CollectionName table = name(session, emptied.group(1));
        return !table.namespace().equals(database) || !tables.containsKey(table.name());
    }

    /** Whether the name stands before a dot, or where databases are made and dropped. */
    private static boolean names(String database, boolean lowerCase, String sql) {
        String name = (lowerCase ? "(?i)" : "") + "`?" + Pattern.quote(database) + "`?";
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
        CollectionName table = name(session, matcher.group(1));
        return table.namespace().equals(database) && tables.containsKey(table.name())
                ? new DdlEffect.Truncated(table.name())
                : new DdlEffect.None();
    }

    private DdlEffect changed(String session, String sql, String place, Map<String, TableShape> tables) {
        try {
            ParsedTables parsed = new ParsedTables(covered, language, defaultCharset, tables);
            parsed.apply(session, sql);
            StatementTree tree = StatementTree.of(language, sql);
            if (tree.isObscure()) {
                return obscure(session, sql, tables);
            }
            Map<String, TableShape> after = parsed.shapes(tree, made(session, sql), place, missing);
            Map<String, String> reasons = rewritten(tables, after);
            reasons.putAll(parsed.untold());
            if (tree.changesRows()) {
                String reason = "rows were changed by a statement of the schema: " + brief(sql);
                after.keySet().stream()
                        .filter(table -> mentions(sql, table))
                        .forEach(table -> reasons.put(table, reason));
                if (reasons.isEmpty()) {
                    return new DdlEffect.Unknown(reason);
                }
            }
            return reasons.isEmpty()
                    ? new DdlEffect.Changed(after)
                    : new DdlEffect.Rewritten(
                            after,
                            reasons.keySet(),
                            reasons.values().stream().distinct().collect(Collectors.joining("; ")));
        } catch (ParsingException | MultipleParsingExceptions e) {
            return obscure(session, sql, tables);
        }
    }

    /** A statement that is not understood makes or alters one table, or nobody knows what it does. */
    private DdlEffect obscure(String session, String sql, Map<String, TableShape> tables) {
        Optional<String> created = createdTable(session, sql).filter(table -> !tables.containsKey(table));
        Optional<String> altered = subject(session, sql)
                .map(CollectionName::name)
                .filter(table -> ALTERED.matcher(sql).matches() && tables.containsKey(table) && !renames(sql));
        return created.or(() -> altered)
                .<DdlEffect>map(table -> new DdlEffect.Obscure(table, brief(sql)))
                .orElseGet(() -> new DdlEffect.Unknown("what it does cannot be told from a statement: " + brief(sql)));
    }

    /** The table that a statement makes. */
    private Set<String> made(String session, String sql) {
        return createdTable(session, sql).map(Set::of).orElse(Set.of());
    }

    private Optional<String> createdTable(String session, String sql) {
        return CREATED.matcher(sql).matches() ? subject(session, sql).map(CollectionName::name) : Optional.empty();
    }

    /** The table that a statement makes or alters. */
    private Optional<CollectionName> subject(String session, String sql) {
        return Stream.of(CREATED.matcher(sql), ALTERED.matcher(sql))
                .filter(Matcher::matches)
                .map(matcher -> name(session, matcher.group(2)))
                .findFirst();
    }

    /** The name of a table, as the server has it. */
    private CollectionName name(String session, String written) {
        List<String> parts = parts(written);
        String namespace = parts.size() > 1 ? parts.get(0) : session;
        return new CollectionName(covered.name(namespace), covered.name(parts.get(parts.size() - 1)));
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

    /** A statement in one line, shortened. */
    static String brief(String sql) {
        String line = sql.replaceAll("\\s+", " ").strip();
        return line.length() > 120 ? line.substring(0, 120) + "..." : line;
    }

    /** Tables in which rows from before are not, column by column, what they were, with the reasons. */
    private static Map<String, String> rewritten(Map<String, TableShape> before, Map<String, TableShape> after) {
        Map<String, TableShape> byId = new HashMap<>();
        before.values().forEach(shape -> byId.put(shape.rows().id(), shape));
        Map<String, String> reasons = new TreeMap<>();
        after.forEach((table, shape) -> {
            TableShape old = byId.get(shape.rows().id());
            if (old != null && !old.equals(shape)) {
                rewritten(old.rows(), shape.rows()).ifPresent(reason -> reasons.put(table, reason));
            }
        });
        return reasons;
    }

    private static Optional<String> rewritten(RowSchema old, RowSchema now) {
        if (!keyIds(old).equals(keyIds(now))) {
            return Optional.of("the key of " + now.collection() + " changed");
        }
        if (now.isMultiset() && !columnIds(old).equals(columnIds(now))) {
            return Optional.of(
                    "the columns of " + now.collection() + " changed, whose rows have no key but all their values");
        }
        for (Column column : now.columns()) {
            int index = old.indexOf(column.id());
            if (index >= 0 && !TypeChange.keepsValues(old.columns().get(index).type(), column.type())) {
                return Optional.of("the column " + now.collection() + "." + column.name() + " became " + column.type());
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

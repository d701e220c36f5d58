package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the tables look like at the stream's place. Statements of the schema carry it on; after each of them the server is
 * asked for its own texts, and these are taken if the server's tables are just what the statements made. If it is
 * already further, the statement's text is kept behind those known before. Not thread-safe.
 */
final class StreamTables {
    private static final Logger LOG = LoggerFactory.getLogger(StreamTables.class);
    private static final Pattern DEFAULT = Pattern.compile("(?i)\\bDEFAULT\\b|\\bAUTO_INCREMENT\\b");
    private static final Pattern CHARSET = Pattern.compile("(?:CHARSET=|^ALTER DATABASE CHARACTER SET )(\\w+)");
    private static final Set<String> SEQUENCE_COLUMNS = Set.of(
            "next_not_cached_value",
            "minimum_value",
            "maximum_value",
            "start_value",
            "increment",
            "cache_size",
            "cycle_option",
            "cycle_count");

    private final ServerConnections connections;
    private final ServerDialect dialect;
    private final CaptureNames names;
    private final Tables covered;
    private final ChangeSink sink;
    private final Map<String, Integer> schemaIds = new HashMap<>();
    private SourceSchema schema;
    private @Nullable LogCharsets charsets;
    private Map<String, TableShape> shapes;

    StreamTables(
            ServerConnections connections,
            ServerDialect dialect,
            CaptureNames names,
            Tables covered,
            ChangeSink sink,
            SourceSchema schema) {
        this.connections = connections;
        this.dialect = dialect;
        this.names = names;
        this.covered = covered;
        this.sink = sink;
        this.schema = schema;
        shapes = SchemaReader.shapes(schema);
    }

    SourceSchema schema() {
        return schema;
    }

    boolean isHeartbeat(TableMapEventData data) {
        return data.getDatabase().equals(names.database()) && data.getTable().equals(CaptureNames.HEARTBEAT);
    }

    /**
     * How rows of a table are read; empty if it is not under backup.
     *
     * @throws TidemarkException of kind STREAM_LOST if the table is not known, or known to be other than this
     */
    Optional<TableRows> rows(TableMapEventData data) {
        if (!data.getDatabase().equals(covered.database()) || !covered.covers(data.getTable())) {
            return Optional.empty();
        }
        TableShape shape = shapes.get(data.getTable());
        if (shape == null) {
            if (isSequence(data)) {
                return Optional.empty();
            }
            throw TidemarkException.streamLost("the binary log holds rows of the table " + data.getTable()
                    + ", which no statement of the schema made");
        }
        return Optional.of(new TableRows(shape, schemaId(data.getTable()), data, charsets()));
    }

    private LogCharsets charsets() {
        LogCharsets known = charsets;
        if (known == null) {
            try (Connection sql = connections.sql()) {
                known = LogCharsets.read(sql, dialect);
                charsets = known;
            } catch (SQLException e) {
                throw ServerConnections.failure(
                        "reading the character sets of " + connections.address() + " failed", e);
            }
        }
        return known;
    }

    private static boolean isSequence(TableMapEventData data) {
        return data.getEventMetadata() != null
                && data.getEventMetadata().getColumnNames() != null
                && Set.copyOf(data.getEventMetadata().getColumnNames()).equals(SEQUENCE_COLUMNS);
    }

    /** The id of a table's rows in the log. */
    int schemaId(String table) {
        TableShape shape = shapes.get(table);
        if (shape == null) {
            throw TidemarkException.streamLost("the table " + table + " is not known");
        }
        return schemaIds.computeIfAbsent(table, name -> sink.register(shape.rows()));
    }

    /** Follows a statement of the schema. */
    DdlEffect apply(String session, String text, BinlogPlace place) {
        if (session.equals(names.database()) || !DdlReader.concerns(covered.database(), session, text)) {
            return new DdlEffect.None();
        }
        try (Connection sql = connections.sql()) {
            DdlReader reader = new DdlReader(
                    covered.database(),
                    dialect.language(),
                    this::defaultCharset,
                    (table, column, type, nullable) ->
                            nullable && !DEFAULT.matcher(text).find()
                                    ? Optional.empty()
                                    : missing(sql, table, column, type));
            DdlEffect effect = reader.read(session, text, place.toString(), shapes);
            if (effect instanceof DdlEffect.Made made) {
                effect = askFor(sql, made, place);
            }
            if (effect instanceof DdlEffect.Changed changed) {
                follow(sql, text, place, changed.tables());
            }
            return effect;
        } catch (SQLException e) {
            throw ServerConnections.failure("reading the schema of " + connections.address() + " failed", e);
        }
    }

    /** The server knows a table that it made, if it made nothing else since. */
    private DdlEffect askFor(Connection sql, DdlEffect.Made made, BinlogPlace place) throws SQLException {
        Map<String, TableShape> after = new HashMap<>(shapes);
        TableShape found =
                new SchemaReader(sql, dialect, covered).shapes(place.toString()).get(made.table());
        if (found == null && covered.covers(made.table())) {
            return new DdlEffect.Unknown("a statement was not understood: " + made.statement());
        }
        if (found != null) {
            after.put(made.table(), found);
        }
        return new DdlEffect.Changed(after);
    }

    /** The character set of a table's new columns, or of new tables: the text of its statement tells it. */
    private String defaultCharset(Optional<String> table) {
        return schema.statements().stream()
                .filter(statement -> table.isPresent()
                        ? statement.aspect() == Aspect.TABLE
                                && statement
                                        .collection()
                                        .filter(c -> c.name().equals(table.get()))
                                        .isPresent()
                        : statement.object().equals(ServerStatements.DATABASE_DEFAULTS))
                .map(statement -> CHARSET.matcher(statement.text()))
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1))
                .reduce((first, last) -> last)
                .orElseGet(() -> table.isPresent() ? defaultCharset(Optional.empty()) : "utf8mb4");
    }

    private void follow(Connection sql, String text, BinlogPlace place, Map<String, TableShape> after)
            throws SQLException {
        Map<String, TableShape> kept = new HashMap<>(after);
        kept.keySet().removeIf(table -> !covered.covers(table));
        SchemaReader reader = new SchemaReader(sql, dialect, covered);
        Map<String, TableShape> now = reader.shapes("now");
        if (sameLooks(now, kept)) {
            // The parser does not always know where a column was put; the server does.
            kept.replaceAll((name, shape) -> now.containsKey(name) ? shape.inOrderOf(now.get(name)) : shape);
            schema = reader.schema(kept);
        } else {
            LOG.info("the schema is already further than {}; its statement is kept as text", place);
            List<Statement> statements = new ArrayList<>(
                    schema.statements().stream().map(StreamTables::beforeRows).toList());
            Optional<CollectionName> table = changedTable(kept);
            statements.add(new Statement(
                    table.isPresent() ? Phase.BEFORE_ROWS : Phase.AFTER_ROWS,
                    Aspect.DEFINITION,
                    "statement at " + place,
                    table,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    text));
            schema = SchemaReader.schema(dialect, schema.version(), statements, kept);
        }
        shapes = kept;
        schemaIds.clear();
    }

    /** What belongs to a table must be there before its further statements run. */
    private static Statement beforeRows(Statement statement) {
        return statement.collection().isEmpty() || statement.object().startsWith("trigger ")
                ? statement
                : new Statement(
                        Phase.BEFORE_ROWS,
                        statement.aspect(),
                        statement.object(),
                        statement.collection(),
                        statement.refersTo(),
                        statement.needs(),
                        statement.roles(),
                        statement.text());
    }

    private static boolean sameLooks(Map<String, TableShape> now, Map<String, TableShape> expected) {
        return now.keySet().equals(expected.keySet())
                && expected.values().stream()
                        .allMatch(shape -> now.values().stream().anyMatch(shape::looksLike));
    }

    private Optional<CollectionName> changedTable(Map<String, TableShape> after) {
        return after.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(shapes.get(entry.getKey())))
                .map(entry -> entry.getValue().rows().collection())
                .findFirst();
    }

    /** What rows from before hold in a new column: what the server puts into an empty row that has such a column. */
    private Optional<String> missing(Connection sql, String table, String column, String type) {
        String name = covered.database() + "." + table + "." + column;
        String quoted = Identifiers.quote(column);
        String probe = Identifiers.quote(names.database()) + ".`probe`";
        try {
            Optional<String> attributes = ServerConnections.value(
                    sql,
                    "SELECT concat(extra, '\\n', " + dialect.defaultKind() + ", '\\n', is_nullable) "
                            + "FROM information_schema.columns "
                            + "WHERE table_schema = ? AND table_name = ? AND column_name = ?",
                    covered.database(),
                    table,
                    column);
            String[] found = attributes
                    .orElseThrow(() -> TidemarkException.streamLost(
                            "the new column " + name + " is gone already, and its default with it"))
                    .split("\n", -1);
            if (found[1].equals("none") && found[2].equals("YES")) {
                return Optional.empty();
            }
            if (found[0].contains("auto_increment") || found[1].equals("computed")) {
                throw TidemarkException.streamLost("the server filled the new column " + name + " row by row");
            }
            ServerConnections.execute(
                    sql,
                    "CREATE TEMPORARY TABLE " + probe + " AS SELECT " + quoted + " FROM " + Identifiers.quote(table)
                            + " LIMIT 0");
            ServerConnections.execute(sql, "INSERT INTO " + probe + " () VALUES ()");
            ColumnType parsed = ColumnType.parse(type);
            try (var statement = sql.createStatement();
                    ResultSet result =
                            statement.executeQuery("SELECT " + parsed.expression(quoted) + " FROM " + probe)) {
                result.next();
                return MissingText.of(parsed, result.getBytes(1));
            } finally {
                ServerConnections.execute(sql, "DROP TEMPORARY TABLE " + probe);
            }
        } catch (SQLException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.STREAM_LOST,
                    "what rows from before hold in the new column " + name + " cannot be told: " + e.getMessage(),
                    e);
        }
    }
}

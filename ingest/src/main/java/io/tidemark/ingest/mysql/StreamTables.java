package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the tables look like at the stream's place. Statements of the schema carry it on; after each of them the server is
 * asked for its own texts, and these are taken if nothing else can be in them than what the statements made. If the server is
 * already further, the statement's text is kept behind those known before. Not thread-safe.
 */
final class StreamTables {
    private static final Logger LOG = LoggerFactory.getLogger(StreamTables.class);
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

    private final ServerFacts facts;
    private final ServerDialect dialect;
    private final CaptureNames names;
    private final Tables covered;
    private final ChangeSink sink;
    private final Map<String, Integer> schemaIds = new HashMap<>();
    private SourceSchema schema;
    private StatementText texts;
    private Optional<Unsettled> unsettled = Optional.empty();
    private @Nullable LogCharsets charsets;
    private @Nullable FollowingKeys following;
    private Map<String, TableShape> shapes;

    /**
     * A statement that was followed, and whose texts are not decided on.
     *
     * @param servers a schema with the server's own texts
     * @param isLike whether the server's tables look as the statement left them
     * @param until the place of the log's end when they were read
     */
    private record Unsettled(
            SourceSchema servers, boolean isLike, BinlogPlace until, KeptStatements.Followed statement) {}

    StreamTables(
            ServerFacts facts,
            ServerDialect dialect,
            CaptureNames names,
            Tables covered,
            ChangeSink sink,
            SourceSchema schema) {
        this.facts = facts;
        this.dialect = dialect;
        this.names = names;
        this.covered = covered;
        this.sink = sink;
        this.schema = schema;
        texts = new StatementText(schema.version());
        shapes = SchemaReader.shapes(schema);
    }

    boolean isHeartbeat(TableMapEventData data) {
        return data.getDatabase().equals(names.database()) && data.getTable().equals(CaptureNames.HEARTBEAT);
    }

    /** Whether something may be committed that was prepared before the initial copy and is not in it. */
    boolean copyMayLackPrepared() {
        return dialect.beginsAmongPrepared();
    }

    /** Whether a table is under backup, if it is one that has rows. */
    boolean covers(TableMapEventData data) {
        return data.getDatabase().equals(covered.database()) && covered.covers(data.getTable());
    }

    /**
     * How rows of a table are read; empty if it is not under backup.
     *
     * @throws TidemarkException of kind STREAM_LOST if the table is not known, or known to be other than this
     */
    Optional<TableRows> rows(TableMapEventData data) {
        if (!covers(data)) {
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
            known = facts.charsets();
            charsets = known;
        }
        return known;
    }

    /** The keys whose rows follow others without the log. */
    FollowingKeys following() {
        FollowingKeys known = following;
        if (known == null) {
            known = new FollowingKeys(covered.database());
            known.add(schema);
            facts.addForeignKeys(known);
            following = known;
        }
        return known;
    }

    private static boolean isSequence(TableMapEventData data) {
        return Set.copyOf(MappedTables.columnNames(data)).equals(SEQUENCE_COLUMNS);
    }

    /** The id of a table's rows in the log. */
    int schemaId(String table) {
        TableShape shape = shapes.get(table);
        if (shape == null) {
            throw TidemarkException.streamLost("the table " + table + " is not known");
        }
        return schemaIds.computeIfAbsent(table, name -> sink.register(shape.rows()));
    }

    /** Whether there is a table of this name, under backup. */
    boolean knows(String table) {
        return shapes.containsKey(table);
    }

    /** What a table looks like; it is known. */
    TableShape shape(String table) {
        return Objects.requireNonNull(shapes.get(table), table);
    }

    /**
     * Makes sure that tables look on the server as they do here.
     *
     * @throws TidemarkException of kind STREAM_LOST if they do not
     */
    void requireUnaltered(Connection sql, BinlogDecoder.Unsettled statement) throws SQLException {
        Map<String, TableShape> now = new SchemaReader(sql, dialect, covered).shapes("now");
        for (TableShape expected : statement.tables()) {
            TableShape found = now.get(expected.rows().collection().name());
            if (found == null || !found.looksLike(expected)) {
                throw TidemarkException.streamLost(statement.reason() + "; and "
                        + expected.rows().collection() + " was altered again before it could be read");
            }
        }
    }

    /** Whether a statement, whose text is plain, may be about what is under backup. */
    boolean concerns(String session, String text) {
        return !session.equals(names.database()) && DdlReader.concerns(covered, session, text);
    }

    /** Whether a statement, whose text is plain, may do something to one of these tables. */
    boolean mayChange(String session, String text, Set<String> tables) {
        return concerns(session, text)
                && (DdlReader.writesRows(text) || tables.stream().anyMatch(table -> DdlReader.mentions(text, table)));
    }

    /** A statement's text as the server reads it. */
    String plain(String statement) {
        return texts.plain(statement);
    }

    /** Follows a statement of the schema; its text is plain. */
    DdlEffect apply(String session, String text, BinlogPlace place) {
        if (!concerns(session, text)) {
            return new DdlEffect.None();
        }
        try (ServerSchema server = facts.schema(text)) {
            DdlReader reader = new DdlReader(covered, dialect.language(), this::defaultCharset, server);
            DdlEffect effect = reader.read(session, text, place.toString(), shapes);
            if (effect instanceof DdlEffect.Obscure obscure) {
                effect = askFor(server, obscure, place);
            }
            if (DdlReader.renames(text)) {
                effect = withArrivals(server, effect, text, place);
            }
            if (effect instanceof DdlEffect.Followed followed) {
                follow(server, session, text, place, followed.tables());
            }
            return effect;
        }
    }

    /** The server knows what a table looks like, if nothing else was made of it since. */
    private DdlEffect askFor(ServerSchema server, DdlEffect.Obscure obscure, BinlogPlace place) {
        String table = obscure.table();
        TableShape found = server.shapes(place.toString()).get(table);
        if (found == null && covered.covers(table)) {
            return new DdlEffect.Unknown("what it does cannot be told from a statement: " + obscure.statement());
        }
        Map<String, TableShape> after = new HashMap<>(shapes);
        if (found != null) {
            after.put(table, found);
        }
        // Columns may have other names: what it was is over, and what it is now begins with all of its rows.
        return shapes.containsKey(table)
                ? new DdlEffect.Rewritten(
                        after, Set.of(table), "what it does cannot be told from a statement: " + obscure.statement())
                : new DdlEffect.Changed(after);
    }

    /** Tables that got a name of this database in another one brought their rows along. */
    private DdlEffect withArrivals(ServerSchema server, DdlEffect effect, String text, BinlogPlace place) {
        if (effect instanceof DdlEffect.Unknown) {
            return effect;
        }
        Map<String, TableShape> after =
                new HashMap<>(effect instanceof DdlEffect.Followed followed ? followed.tables() : shapes);
        Map<String, TableShape> now = server.shapes(place.toString());
        Set<String> arrived = now.keySet().stream()
                .filter(table -> !after.containsKey(table) && DdlReader.mentions(text, table))
                .collect(Collectors.toSet());
        if (arrived.isEmpty()) {
            return effect;
        }
        arrived.forEach(table -> after.put(table, now.get(table)));
        if (effect instanceof DdlEffect.Rewritten rewritten) {
            arrived.addAll(rewritten.rewritten());
        }
        return new DdlEffect.Rewritten(after, arrived, "tables came from another database: " + arrived);
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

    private void follow(
            ServerSchema server, String session, String text, BinlogPlace place, Map<String, TableShape> after) {
        Map<String, TableShape> kept = new HashMap<>(after);
        kept.keySet().removeIf(table -> !covered.covers(table));
        Map<String, TableShape> now = server.shapes("now");
        boolean isLike = sameLooks(now, kept);
        if (isLike) {
            // The parser does not always know where a column was put; the server does.
            kept.replaceAll((name, shape) -> now.containsKey(name) ? shape.inOrderOf(now.get(name)) : shape);
        }
        server.addForeignKeys(following());
        SourceSchema read = server.schema(kept);
        isLike = isLike && sameLooks(server.shapes("now"), kept);
        BinlogPlace end = isLike ? server.endOfLog() : place;
        unsettled = Optional.of(new Unsettled(
                read, isLike, end, new KeptStatements.Followed(session, text, place, changedTable(kept))));
        shapes = kept;
        schemaIds.clear();
    }

    /** How far the log must be read to know whether a statement follows that the server's texts hold as well. */
    BinlogPlace unsettledUntil() {
        return unsettled.orElseThrow().until();
    }

    /**
     * Decides what the schema is behind the last statement, and hands it over.
     *
     * @param furtherStatement whether the server's texts may hold what a later statement did
     */
    void settle(boolean furtherStatement) {
        if (unsettled.isEmpty()) {
            return;
        }
        Unsettled last = unsettled.get();
        unsettled = Optional.empty();
        if (last.isLike() && !furtherStatement) {
            schema = last.servers();
        } else {
            LOG.info(
                    "the schema is already further than {}; its statement is kept as text",
                    last.statement().place());
            List<Statement> kept = new KeptStatements(covered, schema.statements())
                    .with(last.statement(), last.servers().statements());
            schema = SchemaReader.schema(dialect, schema.version(), kept, shapes);
        }
        texts = new StatementText(schema.version());
        sink.schema(schema);
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
}

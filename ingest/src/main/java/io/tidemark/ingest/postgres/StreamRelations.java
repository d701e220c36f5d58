package io.tidemark.ingest.postgres;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the tables of the stream look like at its place. The capture's own messages tell it where it changes; the server's
 * descriptions of relations, which lack what renaming keeps, must agree with that. Where they do not, because nothing
 * watches the schema, the server is asked what the table looks like now. Not thread-safe.
 */
final class StreamRelations {
    private static final Logger LOG = LoggerFactory.getLogger(StreamRelations.class);

    private final PostgresConnections connections;
    private final CaptureNames names;
    private final ChangeSink sink;
    private final boolean watched;
    private final Map<Integer, RowSchema> known = new HashMap<>();
    private final Map<Integer, Description> described = new HashMap<>();
    private final Map<Integer, Optional<RelationRows>> resolved = new HashMap<>();
    private final Set<CollectionName> unexplained = new HashSet<>();

    /**
     * @param schema as the log knows it at the place where the stream starts
     * @param watched whether the capture's messages tell every change of the schema
     */
    StreamRelations(
            PostgresConnections connections,
            CaptureNames names,
            ChangeSink sink,
            SourceSchema schema,
            boolean watched) {
        this.connections = connections;
        this.names = names;
        this.sink = sink;
        this.watched = watched;
        schema.collections().forEach(rows -> known.put(oid(rows), rows));
    }

    private static int oid(RowSchema rows) {
        return Integer.parseUnsignedInt(rows.id());
    }

    /** Takes what the capture tells of a table. */
    RelationRows shape(RowSchema rows) {
        RelationRows relation = new RelationRows(rows, sink.register(rows));
        known.put(oid(rows), rows);
        resolved.put(oid(rows), Optional.of(relation));
        unexplained.remove(rows.collection());
        return relation;
    }

    /** Takes the server's description of a relation, of which rows will follow. It is looked at when they do. */
    void describe(int oid, PgOutputReader message) {
        described.put(oid, Description.read(message));
        resolved.remove(oid);
    }

    /** The rows of a relation that was described; empty if it is not under backup. */
    Optional<RelationRows> rows(int oid) {
        Optional<RelationRows> rows = resolved.get(oid);
        if (rows == null) {
            Description description = described.get(oid);
            if (description == null) {
                throw TidemarkException.corrupt("the server sent a row of relation " + oid + " without describing it");
            }
            rows = resolve(oid, description);
            resolved.put(oid, rows);
        }
        return rows;
    }

    /** A transaction is complete; what its rows were must be known by now. */
    void endTransaction() {
        if (!unexplained.isEmpty()) {
            throw TidemarkException.streamLost("rows of " + unexplained + " came, which the log knows nothing of");
        }
    }

    private Optional<RelationRows> resolve(int oid, Description description) {
        if (description.collection().namespace().equals(names.schema())) {
            return Optional.empty();
        }
        RowSchema rows = known.get(oid);
        if (rows != null && watched && description.fits(rows)) {
            return Optional.of(shape(rows));
        }
        try (Connection sql = connections.live()) {
            Optional<Table> now = Tables.find(sql, names, oid);
            if (rows == null) {
                return unknown(sql, description, now);
            }
            if (now.isPresent() && description.fits(rows) && now.get().rows().equals(rows)) {
                return Optional.of(shape(rows));
            }
            String table = String.valueOf(description.collection());
            if (now.isEmpty() || !description.fits(now.get().rows())) {
                throw TidemarkException.streamLost(
                        table + " was changed several times while nothing watched the schema");
            }
            Optional<String> reason = Queries.value(
                    sql,
                    "SELECT " + names.schema() + ".accept(?::oid)",
                    now.get().rows().id());
            if (reason.isPresent()) {
                throw TidemarkException.streamLost(
                        table + " has " + reason.get() + ", which nothing told in its place");
            }
            sink.schema(SchemaReader.read(sql, names));
            return Optional.of(shape(now.get().rows()));
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot read the description of " + description.collection(), e);
        }
    }

    private Optional<RelationRows> unknown(Connection sql, Description description, Optional<Table> now)
            throws SQLException {
        CollectionName name = description.collection();
        if (now.isPresent() && description.fits(now.get().rows()) && !watched) {
            sink.schema(SchemaReader.read(sql, names));
            return Optional.of(shape(now.get().rows()));
        }
        boolean notWanted = now.isEmpty()
                && Queries.value(sql, "SELECT pg_catalog.to_regclass(?)::text", Identifiers.quote(name))
                        .isPresent();
        if (notWanted) {
            LOG.info("{} is published, but not under backup", name);
        } else {
            // A table that is made with its rows: they are told behind it.
            unexplained.add(name);
        }
        return Optional.empty();
    }

    /** A relation message: names and types of its columns, without generated ones. */
    private record Description(CollectionName collection, List<String> columns, List<Long> types) {
        static Description read(PgOutputReader message) {
            String namespace = message.string();
            CollectionName collection =
                    new CollectionName(namespace.isEmpty() ? "pg_catalog" : namespace, message.string());
            message.character();
            int count = message.int16();
            List<String> columns = new ArrayList<>();
            List<Long> types = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                message.int8();
                columns.add(message.string());
                types.add(message.uint32());
                message.int32();
            }
            return new Description(collection, columns, types);
        }

        boolean fits(RowSchema rows) {
            return rows.collection().equals(collection)
                    && rows.columns().stream().map(Column::name).toList().equals(columns)
                    && rows.columns().stream()
                            .map(Column::encoding)
                            .toList()
                            .equals(types.stream().map(Tables::encoding).toList());
        }
    }
}

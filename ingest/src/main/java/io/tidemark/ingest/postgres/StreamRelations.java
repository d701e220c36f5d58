package io.tidemark.ingest.postgres;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes row schemas from relation messages. A relation that looks other than before means that the source's schema
 * changed; it is then read again and put into the log at this place.
 */
final class StreamRelations implements PgOutputDecoder.Relations {
    private final PostgresConnections connections;
    private final ChangeSink sink;
    private final Map<Integer, RowSchema> known = new HashMap<>();
    private SourceSchema schema;

    /**
     * @param schema as it is known to the log already
     */
    StreamRelations(PostgresConnections connections, ChangeSink sink, SourceSchema schema) {
        this.connections = connections;
        this.sink = sink;
        this.schema = schema;
    }

    @Override
    public RelationRows relation(int oid, PgOutputReader message) {
        CollectionName name = PgOutputDecoder.relationName(message);
        char identity = message.character();
        try (Connection sql = connections.sql()) {
            RowSchema rows = rows(sql, oid, name, identity, message);
            boolean changed = known.containsKey(oid)
                    ? !rows.equals(known.get(oid))
                    : !schema.collections().contains(name);
            known.put(oid, rows);
            if (changed) {
                schema = SchemaReader.read(sql);
                sink.schema(schema);
            }
            return new RelationRows(rows, sink.register(rows));
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot read the description of " + name, e);
        }
    }

    private static RowSchema rows(Connection sql, int oid, CollectionName name, char identity, PgOutputReader message)
            throws SQLException {
        int count = message.int16();
        List<Column> columns = new ArrayList<>();
        List<Integer> flagged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if ((message.int8() & 1) == 1) {
                flagged.add(i);
            }
            String column = message.string();
            long type = message.uint32();
            int modifier = message.int32();
            String typeName = Queries.value(
                            sql, "SELECT pg_catalog.format_type(?::oid, ?)", Long.toString(type), modifier)
                    .orElse("unknown");
            columns.add(new Column(column, typeName, Tables.encoding(type)));
        }
        List<Integer> key = identity == 'f' ? primaryKey(sql, oid, name, columns) : flagged;
        return new RowSchema(name, columns, key);
    }

    /** With REPLICA IDENTITY FULL every column is flagged; the primary key, if there is one, still identifies rows. */
    private static List<Integer> primaryKey(Connection sql, int oid, CollectionName name, List<Column> columns)
            throws SQLException {
        List<String> names = columns.stream().map(Column::name).toList();
        List<Integer> key = Tables.keyColumns(sql, Integer.toUnsignedLong(oid), name).stream()
                .map(names::indexOf)
                .toList();
        return key.contains(-1) ? List.of() : key;
    }
}

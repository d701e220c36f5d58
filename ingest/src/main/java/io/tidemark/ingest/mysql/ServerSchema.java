package io.tidemark.ingest.mysql;

import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * What a server says of its schema while a stream follows a statement. It may be further than the stream. Its methods throw
 * {@link TidemarkException} if the server cannot be asked, of kind TRANSIENT where trying again helps. Not thread-safe.
 */
interface ServerSchema extends DdlReader.MissingValues, AutoCloseable {
    /** The tables under backup, by name; their ids are made of the given text. */
    Map<String, TableShape> shapes(String idPrefix);

    /** A schema of these tables, with the statements that the server gives now. */
    SourceSchema schema(Map<String, TableShape> shapes);

    /** Adds the foreign keys that it has now. */
    void addForeignKeys(FollowingKeys known);

    /** The end of its binary log. */
    BinlogPlace endOfLog();

    @Override
    void close();

    /** That of a server that can be asked. */
    final class Live implements ServerSchema {
        private final ServerConnections connections;
        private final Connection sql;
        private final ServerDialect dialect;
        private final SchemaReader reader;
        private final ServerDefaults defaults;

        /** A question to the server. */
        private interface Question<T> {
            T ask() throws SQLException;
        }

        /** @param statement the text that the stream follows */
        Live(
                ServerConnections connections,
                ServerDialect dialect,
                CaptureNames names,
                Tables covered,
                String statement) {
            this.connections = connections;
            this.dialect = dialect;
            sql = connections.sql();
            reader = new SchemaReader(sql, dialect, covered);
            defaults = new ServerDefaults(sql, dialect, covered.database(), names, statement);
        }

        @Override
        public MissingValue of(String table, String column, String type, boolean nullable) {
            return defaults.of(table, column, type, nullable);
        }

        @Override
        public Map<String, TableShape> shapes(String idPrefix) {
            return answer(() -> reader.shapes(idPrefix));
        }

        @Override
        public SourceSchema schema(Map<String, TableShape> shapes) {
            return answer(() -> reader.schema(shapes));
        }

        @Override
        public void addForeignKeys(FollowingKeys known) {
            answer(() -> {
                known.add(sql);
                return known;
            });
        }

        @Override
        public BinlogPlace endOfLog() {
            return answer(() -> dialect.endOfLog(sql));
        }

        private <T> T answer(Question<T> question) {
            try {
                return question.ask();
            } catch (SQLException e) {
                throw ServerConnections.failure("reading the schema of " + connections.address() + " failed", e);
            }
        }

        @Override
        public void close() {
            answer(() -> {
                sql.close();
                return sql;
            });
        }
    }
}

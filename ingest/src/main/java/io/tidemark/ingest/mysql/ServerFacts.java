package io.tidemark.ingest.mysql;

import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;

/** What a stream must know of its server that the binary log does not tell. */
interface ServerFacts {
    /** The character sets of its collations. */
    LogCharsets charsets();

    /** Adds the foreign keys that it has now. */
    void addForeignKeys(FollowingKeys known);

    /**
     * Its schema as of now; closed by whoever asked.
     *
     * @param statement the text that is being followed
     */
    ServerSchema schema(String statement);

    /** Those of a server that can be asked. */
    static ServerFacts of(ServerConnections connections, ServerDialect dialect, CaptureNames names, Tables covered) {
        return new ServerFacts() {
            @Override
            public LogCharsets charsets() {
                try (Connection sql = connections.sql()) {
                    return LogCharsets.read(sql, dialect);
                } catch (SQLException e) {
                    throw ServerConnections.failure(
                            "reading the character sets of " + connections.address() + " failed", e);
                }
            }

            @Override
            public void addForeignKeys(FollowingKeys known) {
                try (Connection sql = connections.sql()) {
                    known.add(sql);
                } catch (SQLException e) {
                    throw ServerConnections.failure(
                            "reading the foreign keys of " + connections.address() + " failed", e);
                }
            }

            @Override
            public ServerSchema schema(String statement) {
                return new ServerSchema.Live(connections, dialect, names, covered, statement);
            }
        };
    }
}

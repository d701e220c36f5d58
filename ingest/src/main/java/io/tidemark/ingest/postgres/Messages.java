package io.tidemark.ingest.postgres;

import io.tidemark.ingest.ChangeSink;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The logical messages that a source's capture writes into the server's log and finds again in its stream. Each is a
 * transaction of its own. Immutable.
 */
final class Messages {
    private final String heartbeatPrefix;
    private final String sealPrefix;

    Messages(String source) {
        heartbeatPrefix = "tidemark.heartbeat." + source;
        sealPrefix = "tidemark.seal." + source;
    }

    /** Writes a heartbeat with values of sequences as JSON, or an empty text. */
    void heartbeat(Connection connection, String sequences) throws SQLException {
        emit(connection, heartbeatPrefix, sequences);
    }

    /** Writes a request to close the segment behind this. */
    void seal(Connection connection, String id) throws SQLException {
        emit(connection, sealPrefix, id);
    }

    private static void emit(Connection connection, String prefix, String content) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, prefix);
            statement.setString(2, content);
            statement.execute();
        }
    }

    /** Does in the sink's open transaction what a message says; other people's messages say nothing. */
    void apply(String prefix, byte[] content, ChangeSink sink) {
        if (prefix.equals(heartbeatPrefix)) {
            if (content.length > 0) {
                Sequences.write(content, sink);
            }
            sink.heartbeat();
        } else if (prefix.equals(sealPrefix)) {
            sink.seal(new String(content, StandardCharsets.UTF_8));
        }
    }
}

package io.tidemark.ingest.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;

/** The logical messages that a source's capture writes into the server's log and finds again in its stream. Immutable. */
final class Messages {
    /** What a message says. */
    enum Kind {
        /** Values of sequences as JSON, or nothing; a transaction of its own. */
        HEARTBEAT,
        /** A request to close the segment behind this; a transaction of its own. */
        SEAL,
        /** A table looks like this from here on: its row schema as JSON. */
        SHAPE,
        /** The same, and all its rows follow, in place of those before. */
        REREAD,
        /** One of those rows, as text of a composite value. */
        ROW,
        /** What {@code schema()} gives at the end of a transaction that changed the schema. */
        SCHEMA,
        /** Why the log cannot be followed any further. */
        BROKEN
    }

    private final String suffix;

    Messages(String source) {
        suffix = "." + source;
    }

    /** Writes a heartbeat with values of sequences as JSON, or an empty text. */
    void heartbeat(Connection connection, String sequences) throws SQLException {
        emit(connection, Kind.HEARTBEAT, sequences);
    }

    /** Writes a request to close the segment behind this. */
    void seal(Connection connection, String id) throws SQLException {
        emit(connection, Kind.SEAL, id);
    }

    /** Writes that the log cannot be followed any further. */
    void broken(Connection connection, String reason) throws SQLException {
        emit(connection, Kind.BROKEN, reason);
    }

    private void emit(Connection connection, Kind kind, String content) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_catalog.pg_logical_emit_message(true, ?, pg_catalog.convert_to(?, 'UTF8'))")) {
            statement.setString(1, prefix(kind));
            statement.setString(2, content);
            statement.execute();
        }
    }

    private String prefix(Kind kind) {
        return "tidemark." + kind.name().toLowerCase(Locale.ROOT) + suffix;
    }

    /** What a message with this prefix says; empty if it is somebody else's. */
    Optional<Kind> kind(String prefix) {
        for (Kind kind : Kind.values()) {
            if (prefix.equals(prefix(kind))) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}

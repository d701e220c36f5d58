package io.tidemark.restorer.mysql;

import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Which steps of a restore the target has done, in a table of its own that the restore drops when it ends. Statements of
 * the schema commit by themselves here: one that was begun and not noted as done may have been done.
 */
final class RestoreSteps {
    static final String TABLE = "tidemark_restore";

    private static final String QUOTED = Identifiers.quote(TABLE);

    private RestoreSteps() {}

    static void install(Connection sql) throws SQLException {
        ServerConnections.execute(
                sql,
                "CREATE TABLE IF NOT EXISTS " + QUOTED
                        + " (step char(36) CHARACTER SET ascii NOT NULL PRIMARY KEY, done tinyint NOT NULL) ENGINE=InnoDB");
    }

    static void note(Connection sql, String step, boolean done) throws SQLException {
        try (var statement = sql.prepareStatement(
                "INSERT INTO " + QUOTED + " VALUES (?, ?) ON DUPLICATE KEY UPDATE done = VALUES(done)")) {
            statement.setString(1, step);
            statement.setBoolean(2, done);
            statement.executeUpdate();
        }
    }

    /** Whether a step is noted as done; empty if it is not known at all. */
    static Optional<Boolean> done(Connection sql, String step) {
        try {
            return ServerConnections.value(sql, "SELECT done FROM " + QUOTED + " WHERE step = ?", step)
                    .map(value -> value.equals("1"));
        } catch (SQLException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.PERMANENT,
                    "the target does not know any more which steps of the restore were done; begin anew with --allow-clear",
                    e);
        }
    }

    static void uninstall(Connection sql) throws SQLException {
        ServerConnections.execute(sql, "DROP TABLE IF EXISTS " + QUOTED);
    }
}

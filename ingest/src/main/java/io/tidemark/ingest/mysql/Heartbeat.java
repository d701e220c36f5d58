package io.tidemark.ingest.mysql;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.Counters;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.CaptureMark;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What a heartbeat writes into its table, and what comes back in the log. It carries what the log does not tell: the time
 * to the microsecond, and how far counters of tables and sequences are.
 *
 * @param atMicros the server's clock, µs since 1970 UTC
 * @param seal a request to close the open segment behind it; empty text for none
 * @param counters those that changed since the last one, as JSON; empty text for none
 */
record Heartbeat(long atMicros, String seal, String counters) {
    private static final int COLUMNS = 5;
    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS %s (
              id tinyint NOT NULL PRIMARY KEY,
              beat bigint NOT NULL,
              at_micros bigint NOT NULL,
              seal varchar(100) CHARACTER SET ascii NOT NULL,
              counters longtext CHARACTER SET utf8mb4 NOT NULL
            ) ENGINE=InnoDB
            """;

    private static String table(CaptureNames names) {
        return Identifiers.quote(names.database()) + "." + Identifiers.quote(CaptureNames.HEARTBEAT);
    }

    /** Makes the table with its one row, and marks it with a repository; what is there already stays. */
    static void install(Connection sql, CaptureNames names, Optional<String> repository) throws SQLException {
        ServerConnections.execute(sql, "CREATE DATABASE IF NOT EXISTS " + Identifiers.quote(names.database()));
        ServerConnections.execute(sql, TABLE.formatted(table(names)));
        if (repository.isPresent() && !owner(sql, names).equals(repository)) {
            String database = ServerConnections.value(sql, "SELECT DATABASE()").orElse("");
            String mark = new CaptureMark(database, repository.get()).toString();
            ServerConnections.execute(
                    sql,
                    "ALTER TABLE " + table(names) + " COMMENT = '"
                            + mark.replace("\\", "\\\\").replace("'", "''") + "'");
        }
        ServerConnections.execute(sql, "INSERT IGNORE INTO " + table(names) + " VALUES (1, 0, 0, '', '')");
    }

    /** The repository whose heartbeats they are; empty if there are none, or it is not known. */
    static Optional<String> owner(Connection sql, CaptureNames names) throws SQLException {
        return ServerConnections.value(
                        sql,
                        "SELECT table_comment FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
                        names.database(),
                        CaptureNames.HEARTBEAT)
                .flatMap(CaptureMark::parse)
                .map(CaptureMark::repository);
    }

    static void uninstall(Connection sql, CaptureNames names) throws SQLException {
        ServerConnections.execute(sql, "DROP DATABASE IF EXISTS " + Identifiers.quote(names.database()));
    }

    /** Writes one. */
    static void write(Connection sql, CaptureNames names, String seal, String counters) throws SQLException {
        try (PreparedStatement statement = sql.prepareStatement("UPDATE " + table(names)
                + " SET beat = beat + 1, at_micros = " + BinlogSource.CLOCK + ", seal = ?, counters = ?")) {
            statement.setString(1, seal);
            statement.setString(2, counters);
            if (statement.executeUpdate() == 0) {
                throw new SQLException("the heartbeat's table lost its row", "02000");
            }
        }
    }

    /**
     * The row as it comes back.
     *
     * @throws TidemarkException of kind STREAM_LOST if it comes in part
     */
    static Heartbeat read(Serializable[] cells) {
        if (cells.length != COLUMNS) {
            throw TidemarkException.streamLost(
                    "rows come into the binary log in part; binlog_row_image must be FULL in all sessions");
        }
        return new Heartbeat(
                (Long) cells[2],
                new String((byte[]) cells[3], StandardCharsets.UTF_8),
                new String((byte[]) cells[4], StandardCharsets.UTF_8));
    }

    void writeCounters(ChangeSink sink) {
        if (!counters.isEmpty()) {
            Counters.write(counters.getBytes(StandardCharsets.UTF_8), sink);
        }
    }
}

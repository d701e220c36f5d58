package io.tidemark.ingest.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Lsn;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;

/** The replication slot that makes the server keep what is not captured yet. */
final class ReplicationSlot {
    private static final int FAILOVER_SINCE = 170000;
    private static final int DROP_ATTEMPTS = 50;
    private static final int DROP_PAUSE_MILLIS = 100;

    private ReplicationSlot() {}

    /**
     * A new slot.
     *
     * @param consistentPoint every transaction that commits at or after it will be streamed
     * @param snapshot shows everything before, as long as the connection that made the slot does nothing else
     */
    record Created(Lsn consistentPoint, String snapshot) {}

    static Created create(Connection replication, CaptureNames names) throws SQLException {
        int version = Integer.parseInt(
                Queries.value(replication, "SHOW server_version_num").orElse("0"));
        String failover = version >= FAILOVER_SINCE ? ", FAILOVER" : "";
        String options = version >= 150000 ? "(SNAPSHOT 'export'" + failover + ")" : "EXPORT_SNAPSHOT";
        try (Statement statement = replication.createStatement();
                ResultSet result = statement.executeQuery(
                        "CREATE_REPLICATION_SLOT " + names.slot() + " LOGICAL pgoutput " + options)) {
            result.next();
            return new Created(Lsn.parse(result.getString("consistent_point")), result.getString("snapshot_name"));
        }
    }

    /** Makes a slot that is gone with the connection, to read the database at a known place of its log. */
    static Created createTemporary(Connection replication) throws SQLException {
        try (Statement statement = replication.createStatement();
                ResultSet result = statement.executeQuery("CREATE_REPLICATION_SLOT tidemark_look_"
                        + UUID.randomUUID().toString().replace('-', '_')
                        + " TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT")) {
            result.next();
            return new Created(Lsn.parse(result.getString("consistent_point")), result.getString("snapshot_name"));
        }
    }

    /** Drops it, whoever uses it: the change log's own fence has ended any other ingest of this source. */
    static void drop(Connection sql, CaptureNames names) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            Optional<String> active = Queries.value(
                    sql,
                    "SELECT coalesce(active_pid, 0) FROM pg_catalog.pg_replication_slots WHERE slot_name = ?",
                    names.slot());
            if (active.isEmpty()) {
                return;
            }
            try {
                if (!active.get().equals("0")) {
                    Queries.value(sql, "SELECT pg_catalog.pg_terminate_backend(?::int)", active.get());
                }
                Queries.value(sql, "SELECT pg_catalog.pg_drop_replication_slot(?)::text", names.slot());
                return;
            } catch (SQLException e) {
                if (!"55006".equals(e.getSQLState()) || attempt == DROP_ATTEMPTS) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(DROP_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.transientFailure("interrupted while dropping a replication slot", e);
        }
    }

    /**
     * Why streaming from {@code from} would miss changes; empty if it would not.
     */
    static Optional<String> obstacle(Connection sql, CaptureNames names, Lsn from) throws SQLException {
        try (var statement = sql.prepareStatement(
                "SELECT confirmed_flush_lsn, wal_status FROM pg_catalog.pg_replication_slots WHERE slot_name = ?")) {
            statement.setString(1, names.slot());
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    return Optional.of("the replication slot " + names.slot() + " is gone");
                }
                if ("lost".equals(result.getString(2))) {
                    return Optional.of("the server has removed log that the replication slot " + names.slot()
                            + " needed (max_slot_wal_keep_size)");
                }
                Lsn confirmed = Lsn.parse(result.getString(1));
                return confirmed.compareTo(from) > 0
                        ? Optional.of("the replication slot " + names.slot() + " is at " + confirmed
                                + ", behind the end of the change log at " + from)
                        : Optional.empty();
            }
        }
    }
}

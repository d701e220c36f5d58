package io.tidemark.app.demo;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The databases that a demonstration makes on a server. They are dropped when it ends, with Ctrl-C too: a replication slot
 * must not be left behind on somebody's server.
 */
final class DemoDatabases implements AutoCloseable {
    private static final String BANK = "tidemark_demo";
    private static final String RESTORED = "tidemark_demo_restored";

    private final String url;
    private final PostgresConnections admin;
    private final Thread atExit = new Thread(this::dropAtExit, "demo-clean-up");

    private DemoDatabases(String url, Optional<String> password) {
        this.url = url;
        admin = new PostgresConnections("demo", url, password);
    }

    /** Makes them anew, whatever an earlier demonstration left. */
    static DemoDatabases create(String url, Optional<String> password) throws SQLException {
        DemoDatabases databases = new DemoDatabases(url, password);
        databases.drop();
        Runtime.getRuntime().addShutdownHook(databases.atExit);
        try (Connection sql = databases.admin.sql()) {
            Queries.execute(sql, "CREATE DATABASE " + BANK);
            Queries.execute(sql, "CREATE DATABASE " + RESTORED);
        }
        return databases;
    }

    /** The address of the one that is backed up. */
    String bank() {
        return database(BANK);
    }

    /** The address of the one that is restored into. */
    String restored() {
        return database(RESTORED);
    }

    private String database(String name) {
        return url.replaceFirst("^([a-z]+://[^/]+)/[^?]*", "$1/" + name);
    }

    /** A slot would keep a database alive. */
    private void drop() throws SQLException {
        try (Connection sql = admin.sql()) {
            for (String name : List.of(BANK, RESTORED)) {
                Queries.value(
                        sql,
                        "SELECT count(pg_terminate_backend(active_pid, 5000)) FROM pg_replication_slots WHERE database = ? AND active",
                        name);
                Queries.value(
                        sql,
                        "SELECT count(pg_drop_replication_slot(slot_name)::text) FROM pg_replication_slots WHERE database = ?",
                        name);
                Queries.execute(sql, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            }
        }
    }

    private void dropAtExit() {
        try {
            drop();
        } catch (SQLException | TidemarkException e) {
            System.err.println("tidemark: the demo's databases were not dropped: " + e.getMessage());
        }
    }

    @Override
    public void close() throws SQLException {
        Runtime.getRuntime().removeShutdownHook(atExit);
        drop();
    }
}

package io.tidemark.testbed.postgres;

import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Ports;
import io.tidemark.testbed.Programs;
import io.tidemark.testbed.ServerProcess;
import io.tidemark.testbed.Starts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A running PostgreSQL server that is ready for logical decoding, with a data directory and a port of its own. Its machine
 * never fails, so it does not wait for the disk.
 */
public final class PostgresServer implements AutoCloseable {
    private static final String SETTINGS = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            timezone = 'UTC'
            wal_level = logical
            max_connections = 200
            max_wal_senders = 40
            max_replication_slots = 40
            max_wal_size = 4GB
            max_prepared_transactions = 10
            fsync = off
            """;

    /** How values look and what is waited for, whatever a database has been set to. */
    private static final String SESSION = "SET datestyle = 'ISO, MDY'; SET intervalstyle = postgres; "
            + "SET extra_float_digits = 3; SET bytea_output = hex; SET xmloption = content; SET timezone = 'UTC'; "
            + "SET search_path = public";

    private final PostgresRelease release;
    private final Path directory;
    private final int port;
    private final ServerProcess process;

    private PostgresServer(PostgresRelease release, Path directory) throws IOException, InterruptedException {
        this.release = release;
        this.directory = directory;
        port = Ports.free();
        Files.createDirectories(directory);
        Programs.copy(release.data(), data());
        Files.writeString(
                data().resolve("postgresql.conf"), SETTINGS + "port = " + port + "\n", StandardOpenOption.APPEND);
        process = new ServerProcess(release.title(), this::command, directory.resolve("log"), this::serves, "QUIT");
        process.start();
    }

    /** Starts a new server. */
    public static PostgresServer start(PostgresRelease release, Path directory)
            throws IOException, InterruptedException {
        return Starts.timed(release.title(), () -> new PostgresServer(release, directory));
    }

    private Path data() {
        return directory.resolve("data");
    }

    private List<String> command() throws IOException, InterruptedException {
        return Programs.asNobodyIfRoot(List.of(binary("postgres").toString(), "-D", data().toString()));
    }

    private boolean serves() {
        try (Connection sql = open("postgres")) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The address of one of its databases. */
    public String url(String database) {
        return "postgresql://postgres@127.0.0.1:" + port + "/" + database;
    }

    private Connection open(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres&preferQueryMode=simple");
    }

    /** One of the tools that came with the server. */
    public Path binary(String name) throws IOException, InterruptedException {
        return release.binaries().resolve(name);
    }

    /** Makes an empty database, in place of an older one of that name. */
    public void createDatabase(String name) throws SQLException {
        try (Connection sql = open("postgres")) {
            execute(sql, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            execute(sql, "CREATE DATABASE " + name);
        }
    }

    /** Runs statements in a database. */
    public void execute(String database, String... statements) throws SQLException {
        try (Connection sql = session(database)) {
            for (String statement : statements) {
                execute(sql, statement);
            }
        }
    }

    /** The first value that a query gives; empty if it gives none. */
    public String value(String database, String query) throws SQLException {
        List<String> values;
        try (Connection sql = session(database)) {
            values = values(sql, query);
        }
        return values.isEmpty() ? "" : values.get(0);
    }

    private Connection session(String database) throws SQLException {
        Connection sql = open(database);
        execute(sql, SESSION);
        return sql;
    }

    private static void execute(Connection sql, String text) throws SQLException {
        try (Statement statement = sql.createStatement()) {
            statement.execute(text);
        }
    }

    private static List<String> values(Connection sql, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                String value = result.getString(1);
                values.add(value == null ? "" : value);
            }
        }
        return values;
    }

    /** Runs a script with {@code psql}. */
    public void run(String database, Path script) throws IOException, InterruptedException {
        Programs.run(List.of(
                binary("psql").toString(),
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                url(database),
                "-f",
                script.toString()));
    }

    /** Stops it hard and starts it again on the same port. */
    public void restart() throws IOException, InterruptedException {
        process.stop("QUIT");
        process.start();
    }

    /**
     * Stops it as an administrator does, which waits until replication streams have everything, and starts it again.
     *
     * @throws IOException if it is held up
     */
    public void restartOrderly() throws IOException, InterruptedException {
        process.stop("INT");
        process.start();
    }

    /** Makes it hang: connections are taken, but nobody answers. */
    public void freeze() throws IOException, InterruptedException {
        process.signal("STOP");
    }

    /** Ends what {@link #freeze} began. */
    public void thaw() throws IOException, InterruptedException {
        process.signal("CONT");
    }

    /** Keeps a copy of all data as of now, as a standby has it that receives nothing from now on. */
    public void fork() throws IOException, InterruptedException {
        process.stop("INT");
        Programs.copy(data(), directory.resolve("fork"));
        process.start();
    }

    /** Ends the server for good and promotes the copy in its place, on the same port. */
    public void promoteFork() throws IOException, InterruptedException {
        process.stop("QUIT");
        Directories.delete(data());
        Files.move(directory.resolve("fork"), data());
        Files.createFile(data().resolve("standby.signal"));
        process.start();
        Programs.run(Programs.asNobodyIfRoot(
                List.of(binary("pg_ctl").toString(), "-D", data().toString(), "-w", "promote")));
    }

    /**
     * Makes the server what it was when it started: drops what tests left.
     *
     * @throws IllegalStateException if a test changed its settings; such a test needs a server of its own
     */
    public void clear() throws SQLException {
        try (Connection sql = open("postgres")) {
            values(
                    sql,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type IN ('client backend', "
                            + "'walsender') AND pid <> pg_backend_pid()");
            for (String database : values(sql, "SELECT DISTINCT database FROM pg_prepared_xacts")) {
                rollBackPrepared(database);
            }
            for (String slot : values(sql, "SELECT slot_name FROM pg_replication_slots WHERE NOT temporary")) {
                dropSlot(sql, slot);
            }
            for (String database : values(
                    sql,
                    "SELECT quote_ident(datname) FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')")) {
                execute(sql, "DROP DATABASE " + database + " WITH (FORCE)");
            }
            for (String role : values(
                    sql,
                    "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname <> 'postgres' AND rolname !~ '^pg_'")) {
                execute(sql, "DROP ROLE " + role);
            }
            List<String> changed = values(sql, "SELECT name FROM pg_file_settings WHERE sourcefile ~ 'auto.conf$'");
            if (!changed.isEmpty()) {
                execute(sql, "ALTER SYSTEM RESET ALL");
                execute(sql, "SELECT pg_reload_conf()");
                throw new IllegalStateException(
                        "a test changed " + changed + " of a shared server; it needs a server of its own");
            }
        }
    }

    private void rollBackPrepared(String database) throws SQLException {
        try (Connection sql = open(database)) {
            for (String id : values(
                    sql, "SELECT quote_literal(gid) FROM pg_prepared_xacts WHERE database = current_database()")) {
                execute(sql, "ROLLBACK PREPARED " + id);
            }
        }
    }

    /** Its reader may take a moment to notice that it was ended. */
    private static void dropSlot(Connection sql, String slot) throws SQLException {
        for (int i = 0; ; i++) {
            try {
                execute(sql, "SELECT pg_drop_replication_slot('" + slot + "')");
                return;
            } catch (SQLException e) {
                if (i == 100) {
                    throw e;
                }
                execute(sql, "SELECT pg_sleep(0.05)");
            }
        }
    }

    /** Stops it at once. */
    @Override
    public void close() throws IOException {
        process.close();
    }
}

package io.tidemark.testbed.sql;

import io.tidemark.testbed.Ports;
import io.tidemark.testbed.Programs;
import io.tidemark.testbed.ServerProcess;
import io.tidemark.testbed.Starts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A server of MariaDB or MySQL with data and a port of its own, ready to be captured. */
public final class SqlServer implements AutoCloseable {
    /** What moves by itself. */
    private static final Set<String> MOVING = Set.of(
            "gtid_binlog_pos",
            "gtid_binlog_state",
            "gtid_current_pos",
            "gtid_executed",
            "gtid_slave_pos",
            "gtid_purged");

    private final SqlProduct product;
    private final Path directory;
    private final int port;
    private final List<String> options;
    private final ServerProcess process;
    private final Map<String, String> variables;

    private SqlServer(SqlProduct product, Path directory, List<String> options)
            throws IOException, InterruptedException, SQLException {
        this.product = product;
        this.directory = directory;
        this.options = options;
        port = Ports.free();
        // Servers that begin delete whatever other servers that share this directory keep in it.
        Files.createDirectories(directory.resolve("tmp"));
        Programs.copy(product.data(), data());
        process = new ServerProcess(product.title(), this::command, directory.resolve("log"), this::serves, "KILL");
        process.start();
        variables = variables();
    }

    /** Starts a new server, with more options than all have. */
    public static SqlServer start(SqlProduct product, Path directory, String... options)
            throws IOException, InterruptedException {
        return Starts.timed(product.title(), () -> {
            try {
                return new SqlServer(product, directory, List.of(options));
            } catch (SQLException e) {
                throw new IOException(product.title() + " does not answer", e);
            }
        });
    }

    private Path data() {
        return directory.resolve("data");
    }

    private List<String> command() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(product.program());
        command.addAll(List.of(
                "--datadir=" + data(),
                "--tmpdir=" + directory.resolve("tmp"),
                "--port=" + port,
                "--bind-address=127.0.0.1",
                "--socket=" + directory.resolve("s"),
                "--pid-file=" + directory.resolve("pid"),
                "--log-bin=binlog",
                "--binlog-format=ROW",
                "--binlog-row-metadata=FULL",
                "--server-id=1",
                "--character-set-server=utf8mb4",
                "--innodb-buffer-pool-size=128M",
                "--innodb-flush-log-at-trx-commit=2",
                "--sync-binlog=0",
                "--max-connections=200"));
        command.addAll(options);
        return SqlProduct.withUser(command);
    }

    private boolean serves() {
        try (Connection sql = open("")) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    public SqlProduct product() {
        return product;
    }

    public int port() {
        return port;
    }

    /** A file of its binary log, like {@code binlog.000001}. */
    public Path log(String file) {
        return data().resolve(file);
    }

    /** The address of one of its databases. */
    public String url(String database) {
        return product.scheme() + "://root@127.0.0.1:" + port + "/" + database;
    }

    private Connection open(String database) throws SQLException {
        Connection sql = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/" + database
                + "?user=root&useServerPrepStmts=false&allowLocalInfile=true");
        execute(sql, "SET NAMES utf8mb4");
        execute(sql, "SET time_zone = '+00:00', lock_wait_timeout = 60, " + product.session());
        return sql;
    }

    private static void execute(Connection sql, String text) throws SQLException {
        try (Statement statement = sql.createStatement()) {
            statement.execute(text);
        }
    }

    /** Makes an empty database, in place of an older one of that name. */
    public void createDatabase(String name) throws SQLException {
        try (Connection sql = open("")) {
            execute(sql, "DROP DATABASE IF EXISTS " + name);
            execute(sql, "CREATE DATABASE " + name);
        }
    }

    /** Runs statements in a database, as its clients do. */
    public void execute(String database, String... statements) throws SQLException {
        try (Connection sql = open(database)) {
            execute(sql, "SET sql_mode = DEFAULT");
            for (String statement : statements) {
                execute(sql, statement);
            }
        }
    }

    /** Runs statements while others write; one that the server chose to end a deadlock with them is run again. */
    public void executeAmongOthers(String database, String... statements) throws SQLException {
        for (String statement : statements) {
            boolean done = false;
            while (!done) {
                try {
                    execute(database, statement);
                    done = true;
                } catch (SQLTransactionRollbackException e) {
                    System.out.println("again, after a deadlock: " + statement);
                }
            }
        }
    }

    /** A query that gives the numbers from one on, as its only column {@code seq}. */
    public static String numbers(long count) {
        String digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 "
                + "UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
        StringBuilder number = new StringBuilder("1");
        StringBuilder tables = new StringBuilder();
        long unit = 1;
        for (int i = 0; unit < count; i++, unit *= 10) {
            number.append(" + ").append(unit).append(" * n").append(i).append(".d");
            tables.append(i == 0 ? "" : ", ").append(digits).append(" n").append(i);
        }
        return "SELECT seq FROM (SELECT " + number + " AS seq FROM " + tables + ") numbers WHERE seq <= " + count;
    }

    /** The first value that a query gives; empty if it gives none. */
    public String value(String database, String query) throws SQLException {
        try (Connection sql = open(database)) {
            List<String> values = values(sql, query);
            return values.isEmpty() ? "" : values.get(0);
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

    /** Stops it hard and starts it again on the same port. */
    public void restart() throws IOException, InterruptedException {
        process.stop("KILL");
        process.start();
    }

    /** Starts again with the same data as another server of MySQL, as after a restore from its files. */
    public void becomeAnother() throws IOException, InterruptedException {
        process.stop("TERM");
        Files.delete(data().resolve("auto.cnf"));
        process.start();
    }

    private Map<String, String> variables() throws SQLException {
        Map<String, String> all = new TreeMap<>();
        try (Connection sql = open("");
                Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery("SHOW GLOBAL VARIABLES")) {
            while (result.next()) {
                if (!MOVING.contains(result.getString(1))) {
                    all.put(result.getString(1), String.valueOf(result.getString(2)));
                }
            }
        }
        return all;
    }

    /**
     * Makes the server what it was when it started: drops what tests left.
     *
     * @throws IllegalStateException if a test changed its settings; such a test needs a server of its own
     */
    public void clear() throws SQLException, IOException, InterruptedException {
        try (Connection sql = open("")) {
            for (String id : values(
                    sql,
                    "SELECT id FROM information_schema.processlist WHERE user = 'root' AND id <> connection_id()")) {
                try {
                    execute(sql, "KILL " + id);
                } catch (SQLException e) {
                    // It ended by itself.
                }
            }
            rollBackPrepared(sql);
            // Databases refer to each other.
            execute(sql, "SET foreign_key_checks = OFF");
            for (String database : values(
                    sql,
                    "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN "
                            + "('mysql', 'sys', 'information_schema', 'performance_schema')")) {
                execute(sql, "DROP DATABASE `" + database.replace("`", "``") + "`");
            }
            for (String user : values(
                    sql,
                    "SELECT concat('`', user, '`@`', host, '`') FROM mysql.user WHERE user NOT IN "
                            + "('root', 'mariadb.sys', 'mysql', 'PUBLIC') AND user NOT LIKE 'mysql.%'")) {
                execute(sql, "DROP USER " + user);
            }
        }
        Map<String, String> now = variables();
        if (!now.equals(variables)) {
            now.entrySet().removeAll(variables.entrySet());
            restart();
            throw new IllegalStateException(
                    "a test changed settings of a shared server to " + now + "; it needs a server of its own");
        }
    }

    private static void rollBackPrepared(Connection sql) throws SQLException {
        List<String> ids = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery("XA RECOVER")) {
            while (result.next()) {
                int global = result.getInt(2);
                String data = result.getString(4);
                ids.add("'" + data.substring(0, global) + "', '" + data.substring(global) + "', "
                        + result.getString(1));
            }
        }
        for (String id : ids) {
            execute(sql, "XA ROLLBACK " + id);
        }
    }

    /** Kills it; what it holds is not needed any more. */
    @Override
    public void close() throws IOException {
        process.close();
    }
}

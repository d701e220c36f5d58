package io.tidemark.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkException.Kind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * Opens connections to one database, all with the same {@link SessionSettings}, so that a value has the same text wherever it
 * is read. Thread-safe.
 */
public final class PostgresConnections {
    /** How long a statement may wait for a lock in a database that others use: others wait behind it. */
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);
    /** How long a short question may take. */
    private static final Duration SHORT = Duration.ofSeconds(8);
    /** How long the server may be silent for, in answer to a short question. */
    private static final Duration SILENCE = Duration.ofSeconds(10);
    /** How long the server may be silent for while it works: longer than any answer takes, shorter than a dead network. */
    private static final Duration LONG_SILENCE = Duration.ofMinutes(15);

    /** Connection lost, server starting or stopping, too little of something, object in use, locked, too slow, deadlock. */
    private static final List<String> PASSING = List.of("08", "57P", "53", "55006", "55P03", "57014", "40001", "40P01");

    private final String name;
    private final String url;
    private final Optional<String> password;

    /**
     * @param name how Tidemark's connections are called in the server: {@code tidemark-NAME}
     * @param url {@code postgresql://user@host:port/database}
     * @throws TidemarkException of kind USAGE if the address is none
     */
    public PostgresConnections(String name, String url, Optional<String> password) {
        this.name = name;
        this.url = url;
        this.password = password;
        if (!url.startsWith("postgresql://") && !url.startsWith("postgres://")) {
            throw TidemarkException.usage(
                    "'" + url + "' is not a PostgreSQL address; write postgresql://user@host:port/database");
        }
    }

    /** A connection for SQL that takes as long as it takes. */
    public Connection sql() {
        return open(new Properties());
    }

    /** A connection to a database that others use: it waits for locks for a few seconds only, then the statement fails. */
    public Connection live() {
        Properties properties = new Properties();
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) LONG_SILENCE.toSeconds());
        return limited(properties, "SET lock_timeout = " + LOCK_PATIENCE.toMillis());
    }

    /** A connection for short questions to a database that others use, which answers in seconds, or fails. */
    public Connection brief() {
        Properties properties = new Properties();
        PGProperty.SOCKET_TIMEOUT.set(properties, (int) SILENCE.toSeconds());
        return limited(
                properties,
                "SET lock_timeout = " + LOCK_PATIENCE.toMillis() + "; SET statement_timeout = " + SHORT.toMillis());
    }

    /** What is done with a new connection. */
    private interface SetUp {
        void with(Connection connection) throws SQLException;
    }

    private static Connection setUp(Connection connection, SetUp work) throws SQLException {
        try {
            work.with(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection limited(Properties properties, String limits) {
        Connection connection = open(properties);
        try {
            return setUp(connection, opened -> Queries.execute(opened, limits));
        } catch (SQLException e) {
            throw failure("cannot set up a connection to " + describe(), e);
        }
    }

    /** A connection for the replication protocol, which also takes simple SQL. */
    public Connection replication() {
        Properties properties = new Properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return open(properties);
    }

    /** The address, without a password. */
    public String describe() {
        return PostgresAddress.parse(url).jdbcUrl().replaceFirst("^jdbc:", "");
    }

    private Connection open(Properties properties) {
        password.ifPresent(text -> PGProperty.PASSWORD.set(properties, text));
        PGProperty.APPLICATION_NAME.set(properties, "tidemark-" + name);
        PGProperty.CONNECT_TIMEOUT.set(properties, 10);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PostgresAddress address = PostgresAddress.parse(url);
        address.user().ifPresent(user -> PGProperty.USER.set(properties, user));
        try {
            Connection connection = DriverManager.getConnection(address.jdbcUrl(), properties);
            return setUp(connection, SessionSettings::apply);
        } catch (SQLException e) {
            throw failure("cannot connect to " + url, e);
        }
    }

    /** What a failed statement means: whether trying again helps, in one sentence. */
    public static TidemarkException failure(String what, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean passing = state.isEmpty() || PASSING.stream().anyMatch(state::startsWith);
        return new TidemarkException(passing ? Kind.TRANSIENT : Kind.PERMANENT, what + ": " + oneLine(e), e);
    }

    private static String oneLine(SQLException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\n\\s*", "; ");
    }

    /** The driver's own view of a connection. */
    public static PGConnection unwrap(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class);
    }
}

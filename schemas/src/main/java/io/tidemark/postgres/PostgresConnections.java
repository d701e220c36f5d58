package io.tidemark.postgres;

import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkException.Kind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * Opens connections to one database, all with the same output settings, so that a value has the same text wherever it is
 * read. They are those of pg_dump, with UTC as the time zone. Thread-safe.
 */
public final class PostgresConnections {
    private static final String OUTPUT_SETTINGS = "SET datestyle = 'ISO, MDY'; SET intervalstyle = postgres; "
            + "SET extra_float_digits = 3; SET bytea_output = hex; SET xmloption = content; SET timezone = 'UTC'; "
            + "SET search_path = ''; SET statement_timeout = 0; SET lock_timeout = 0; "
            + "SET idle_in_transaction_session_timeout = 0; SET row_security = off";

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

    /** A connection for SQL. */
    public Connection sql() {
        return open(new Properties());
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
            try (Statement statement = connection.createStatement()) {
                statement.execute(OUTPUT_SETTINGS);
            }
            return connection;
        } catch (SQLException e) {
            throw failure("cannot connect to " + url, e);
        }
    }

    /** What a failed statement means: whether trying again helps, in one sentence. */
    public static TidemarkException failure(String what, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        // Connection lost, server starting or stopping, too many connections, object in use, serialization.
        boolean passing = state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53")
                || state.equals("55006")
                || state.equals("40001")
                || state.isEmpty();
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

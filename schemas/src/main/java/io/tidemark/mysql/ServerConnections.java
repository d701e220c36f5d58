package io.tidemark.mysql;

import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkException.Kind;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

/** Opens connections on which every value is told in one way, whatever the server's settings. Thread-safe. */
public final class ServerConnections {
    /** Times in UTC, text in UTF-8, nothing cut short or rounded silently, generated keys as they come. */
    private static final String SETTINGS = "SET time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO', "
            + "character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4, "
            + "net_write_timeout = 3600, net_read_timeout = 3600, lock_wait_timeout = 60, ";

    /** Lost connection, server gone, too many connections, lock waits, deadlock, a table changed under the reader. */
    private static final Set<Integer> PASSING =
            Set.of(1040, 1053, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1412, 1927, 2006, 2013);

    private static final String WITH_TLS =
            ", which wants the password over a secured connection (add ?sslMode=verify-full or ?sslMode=trust)";

    private final ServerAddress address;
    private final Optional<String> password;

    /**
     * @param url {@code mariadb://user@host:port/database}, or {@code mysql://...}
     * @throws TidemarkException of kind USAGE if the address is none
     */
    public ServerConnections(String url, Optional<String> password) {
        address = ServerAddress.parse(url);
        this.password = password;
    }

    public ServerAddress address() {
        return address;
    }

    public Optional<String> password() {
        return password;
    }

    /** A connection to the database. */
    public Connection sql() {
        return open(address.database());
    }

    /** A connection that has chosen no database. */
    public Connection server() {
        return open("");
    }

    private Connection open(String database) {
        Properties properties = new Properties();
        properties.setProperty("user", address.user());
        password.ifPresent(text -> properties.setProperty("password", text));
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("allowLocalInfile", "true");
        properties.setProperty("useServerPrepStmts", "false");
        String url = "jdbc:mariadb://" + address.host() + ":" + address.port() + "/" + database
                + (address.options().isEmpty() ? "" : "?" + address.options());
        try {
            Connection connection = DriverManager.getConnection(url, properties);
            execute(connection, SETTINGS + address.dialect().settings());
            return connection;
        } catch (SQLException e) {
            throw failure("cannot connect to " + address + (needsTls(e) ? WITH_TLS : ""), e);
        }
    }

    private static boolean needsTls(SQLException e) {
        return String.valueOf(e.getMessage()).contains("RSA public key");
    }

    /** Runs a statement. */
    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first value a query gives; empty if it gives none, or NULL. */
    public static Optional<String> value(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.ofNullable(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** What a failed statement means: whether trying again helps, in one sentence. */
    public static TidemarkException failure(String what, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean passing = state.startsWith("08") || PASSING.contains(e.getErrorCode());
        String message = String.valueOf(e.getMessage())
                .replaceFirst("^\\(conn=-?\\d+\\) ", "")
                .replaceAll("\\s*\\n\\s*", "; ");
        return new TidemarkException(passing ? Kind.TRANSIENT : Kind.PERMANENT, what + ": " + message, e);
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What capturing differs in from one kind of server to the other. Stateless. */
interface ServerDialect {
    /** The dialect of a server. */
    static ServerDialect of(Dialect dialect) {
        return switch (dialect) {
            case MARIADB -> new MariaDbDialect();
            case MYSQL -> new MySqlDialect();
        };
    }

    /**
     * A setting of the server that a capture needs.
     *
     * @param accepted its values, in capitals
     * @param remedy what sets it
     * @param optional whether servers that do not know it need not have it
     */
    record Setting(String name, Set<String> accepted, String remedy, boolean optional) {}

    /** The engine's name in backups. */
    String engine();

    /** What a server must be, such as {@code MariaDB 10.5 or newer}. */
    String oldestServer();

    /** Whether the server of this version is one of these. */
    boolean isSupported(String version);

    /** The settings that a capture needs. */
    List<Setting> settings();

    /** Rights that a user needs, as grants name them. */
    List<String> rights();

    /** What lets a user do what a capture does. */
    String grants();

    /** What lets a user see the texts of routines that are not its own. */
    String routineGrant();

    /** The statement that tells the end of the log, and which databases are left out of it. */
    String logStatus(Connection sql) throws SQLException;

    /** The end of the log. */
    default BinlogPlace endOfLog(Connection sql) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet row = statement.executeQuery(logStatus(sql))) {
            if (!row.next()) {
                throw TidemarkException.permanent("the server has no binary log");
            }
            return new BinlogPlace(row.getString(1), row.getLong(2));
        }
    }

    /** A condition on {@code information_schema.columns} that is true for columns whose values cannot be read from the log. */
    String unreadableColumn();

    /** A condition like it, for columns whose values a restore brings back less exactly than they are kept. */
    String roundedColumn();

    /** What {@code column_default} of {@code information_schema.columns} is: {@code none}, {@code constant} or {@code computed}. */
    String defaultKind();

    /** The query for the numbers of collations and the names of their character sets. */
    String collations();

    /** Which server it is, if places in its log are all that reading goes on by; otherwise empty text. */
    String server(Connection sql) throws SQLException;

    /** The server's language. */
    DdlLanguage language();

    /** What reads the binary log. */
    Class<? extends BinlogTask> task();

    /** The driver's word for how a connection is secured, in Debezium's. */
    String sslMode(Optional<String> drivers);

    /** Whether snapshots can begin while transactions are prepared that change what they show. */
    boolean beginsAmongPrepared();

    /**
     * A place of the log behind which everything is prepared that the next snapshot may lack. Waits a few seconds for
     * transactions that are prepared now, if snapshots {@link #beginsAmongPrepared begin among them}.
     */
    ResumePlace beforePrepared(Connection sql) throws SQLException;

    /**
     * Begins a transaction on each of the readers, all of which see the same: everything before a place of the binary log.
     * Readers that cannot begin with the others are closed and taken off the list.
     *
     * @param tables that will be read
     */
    BinlogPlace begin(ServerConnections connections, List<Connection> readers, Collection<TableShape> tables)
            throws SQLException;
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which tables of a database are under backup.
 *
 * @param exclude as {@code name} or {@code database.name}
 * @param lowerCase whether the server keeps names of databases and tables in lower case, however they are written
 */
record Tables(String database, List<String> exclude, boolean lowerCase) {
    /** Asks the server how it keeps names. */
    static Tables read(Connection sql, String database, List<String> exclude) throws SQLException {
        String setting =
                ServerConnections.value(sql, "SELECT @@lower_case_table_names").orElse("");
        return new Tables(database, exclude, !setting.equals("0"));
    }

    /** The names of all tables of a database. */
    static List<CollectionName> all(Connection sql, String database) throws SQLException {
        List<CollectionName> tables = new ArrayList<>();
        try (PreparedStatement statement = sql.prepareStatement("SELECT table_name FROM information_schema.tables "
                + "WHERE table_schema = ? AND table_type <> 'VIEW'")) {
            statement.setString(1, database);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(new CollectionName(database, rows.getString(1)));
                }
            }
        }
        return tables;
    }

    boolean covers(String table) {
        CollectionName name = new CollectionName(database, table);
        return exclude.stream().noneMatch(name::matches);
    }

    /** The name of a database or a table as the server has it. */
    String name(String written) {
        return lowerCase ? written.toLowerCase(Locale.ROOT) : written;
    }
}

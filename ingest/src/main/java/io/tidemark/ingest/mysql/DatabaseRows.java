package io.tidemark.ingest.mysql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Asks what a server knows of one database. */
final class DatabaseRows {
    private DatabaseRows() {}

    /** What is done with each row. */
    interface Use {
        void of(ResultSet row) throws SQLException;
    }

    /** Runs a query whose only parameter is the database's name. */
    static void each(Connection sql, String database, String query, Use use) throws SQLException {
        try (PreparedStatement statement = sql.prepareStatement(query)) {
            statement.setString(1, database);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    use.of(rows);
                }
            }
        }
    }
}

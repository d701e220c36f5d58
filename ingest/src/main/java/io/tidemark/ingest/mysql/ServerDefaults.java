package io.tidemark.ingest.mysql;

import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Asks the server what rows from before hold in a new column: what it puts into an empty row that has such a column. Not
 * thread-safe.
 */
final class ServerDefaults implements DdlReader.MissingValues {
    private static final Pattern DEFAULT = Pattern.compile("(?i)\\bDEFAULT\\b|\\bAUTO_INCREMENT\\b");

    private final Connection sql;
    private final ServerDialect dialect;
    private final String database;
    private final String probe;
    private final boolean mayHaveDefaults;

    /** @param statement the text that brings the columns */
    ServerDefaults(Connection sql, ServerDialect dialect, String database, CaptureNames names, String statement) {
        this.sql = sql;
        this.dialect = dialect;
        this.database = database;
        probe = Identifiers.quote(names.database()) + ".`probe`";
        mayHaveDefaults = DEFAULT.matcher(statement).find();
    }

    @Override
    public MissingValue of(String table, String column, String type, boolean nullable) {
        if (nullable && !mayHaveDefaults) {
            return new MissingValue.Known(Optional.empty());
        }
        String name = database + "." + table + "." + column;
        try {
            Optional<String> attributes = ServerConnections.value(
                    sql,
                    "SELECT concat(extra, '\\n', " + dialect.defaultKind() + ", '\\n', is_nullable) "
                            + "FROM information_schema.columns "
                            + "WHERE table_schema = ? AND table_name = ? AND column_name = ?",
                    database,
                    table,
                    column);
            if (attributes.isEmpty()) {
                return new MissingValue.Untold("the new column " + name + " is gone already, and its default with it");
            }
            String[] found = attributes.get().split("\n", -1);
            if (found[1].equals("none") && found[2].equals("YES")) {
                return new MissingValue.Known(Optional.empty());
            }
            if (found[0].contains("auto_increment") || found[1].equals("computed")) {
                return new MissingValue.Untold("the server filled the new column " + name + " row by row");
            }
            return new MissingValue.Known(inAnEmptyRow(table, column, ColumnType.parse(type)));
        } catch (SQLException e) {
            return new MissingValue.Untold(
                    "what rows from before hold in the new column " + name + " cannot be told: " + e.getMessage());
        }
    }

    private Optional<String> inAnEmptyRow(String table, String column, ColumnType type) throws SQLException {
        String quoted = Identifiers.quote(column);
        ServerConnections.execute(
                sql,
                "CREATE TEMPORARY TABLE " + probe + " AS SELECT " + quoted + " FROM " + Identifiers.quote(table)
                        + " LIMIT 0");
        try {
            ServerConnections.execute(sql, "INSERT INTO " + probe + " () VALUES ()");
            try (var statement = sql.createStatement();
                    ResultSet result = statement.executeQuery("SELECT " + type.expression(quoted) + " FROM " + probe)) {
                result.next();
                return MissingText.of(type, result.getBytes(1));
            }
        } finally {
            ServerConnections.execute(sql, "DROP TEMPORARY TABLE " + probe);
        }
    }
}

package io.tidemark.ingest.postgres;

import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the reading of a table by an old snapshot depends on: its file, which truncations and rewrites replace without
 * regard for snapshots; its name; and its columns, by the transaction that changed each last. New columns don't
 * matter. Immutable.
 *
 * @param attributes the highest number of a column when the mark was made
 * @param text of all of it
 */
record TableMark(long oid, int attributes, String text) {
    /** With one parameter, the highest number of a column. */
    private static final String TEXT = "c.relfilenode || ' ' || c.relnamespace || ' ' || c.relname || ' ' || coalesce("
            + "(SELECT pg_catalog.string_agg(a.attnum || '/' || a.xmin, ' ' ORDER BY a.attnum) "
            + "FROM pg_catalog.pg_attribute a "
            + "WHERE a.attrelid = c.oid AND a.attnum BETWEEN 1 AND %s AND NOT a.attisdropped), '')";

    /** The marks of tables, by oid, as the connection's transaction sees them. */
    static Map<Long, TableMark> of(Connection connection, List<Table> tables) throws SQLException {
        Map<Long, TableMark> marks = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT c.oid, c.relnatts, "
                + TEXT.formatted("c.relnatts") + " FROM pg_catalog.pg_class c WHERE c.oid = ANY (?)")) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "oid", tables.stream().map(Table::oid).toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    TableMark mark = new TableMark(result.getLong(1), result.getInt(2), result.getString(3));
                    marks.put(mark.oid(), mark);
                }
            }
        }
        return marks;
    }

    /** Whether nothing of it has changed, as the connection sees it. */
    boolean isUnchanged(Connection connection) throws SQLException {
        return Queries.value(
                        connection,
                        "SELECT " + TEXT.formatted("?") + " FROM pg_catalog.pg_class c WHERE c.oid = ?",
                        attributes,
                        oid)
                .filter(text::equals)
                .isPresent();
    }
}

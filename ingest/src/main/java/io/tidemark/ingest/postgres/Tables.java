package io.tidemark.ingest.postgres;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.RowSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the system catalogs say of tables and their rows. Stateless. */
final class Tables {
    private static final String LIST = """
            SELECT c.oid, n.nspname, c.relname, c.relreplident, c.relpages,
                   c.relreplident = 'f'
                   OR EXISTS (SELECT FROM pg_catalog.pg_index i
                              WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                                AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                                        WHEN 'i' THEN i.indisreplident ELSE false END)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p'
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY c.relpages DESC, n.nspname, c.relname
            """;

    private static final String COLUMNS = """
            SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.atttypid, a.attnum
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum
            """;

    private static final String KEY = """
            SELECT k.attnum
            FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
             AND CASE c.relreplident WHEN 'i' THEN i.indisreplident
                                     WHEN 'n' THEN false ELSE i.indisprimary END,
            LATERAL unnest(i.indkey) AS k(attnum)
            WHERE c.oid = ?
            ORDER BY k.attnum
            """;

    private static final long BOOL = 16;
    private static final long BYTEA = 17;
    private static final long INT8 = 20;
    private static final long INT2 = 21;
    private static final long INT4 = 23;
    private static final long OID = 26;

    private Tables() {}

    /** The tables to back up, largest first. */
    static List<Table> list(Connection connection, List<String> exclude) throws SQLException {
        List<Table> tables = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(LIST);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                CollectionName name = new CollectionName(result.getString(2), result.getString(3));
                if (exclude.stream().noneMatch(name::matches)) {
                    tables.add(new Table(
                            result.getLong(1),
                            name,
                            result.getString(4).charAt(0),
                            result.getBoolean(6),
                            result.getLong(5)));
                }
            }
        }
        return tables;
    }

    /** The shape of a table's rows as of the connection's transaction. */
    static RowSchema rows(Connection connection, long oid, CollectionName name) throws SQLException {
        List<Column> columns = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setLong(1, oid);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    columns.add(new Column(result.getString(1), result.getString(2), encoding(result.getLong(3))));
                    numbers.add(result.getInt(4));
                }
            }
        }
        List<Integer> key =
                keyNumbers(connection, oid).stream().map(numbers::indexOf).toList();
        return new RowSchema(name, columns, key);
    }

    /** The names of the key columns, in table order; none if the table has no usable key. */
    static List<String> keyColumns(Connection connection, long oid, CollectionName name) throws SQLException {
        RowSchema rows = rows(connection, oid, name);
        return rows.key().stream().map(i -> rows.columns().get(i).name()).toList();
    }

    private static List<Integer> keyNumbers(Connection connection, long oid) throws SQLException {
        List<Integer> numbers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(KEY)) {
            statement.setLong(1, oid);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    numbers.add(result.getInt(1));
                }
            }
        }
        return numbers;
    }

    /** Native only where the server's text can be made from it again, digit by digit. */
    static Encoding encoding(long typeOid) {
        if (typeOid == INT2 || typeOid == INT4) {
            return Encoding.INT;
        }
        if (typeOid == INT8 || typeOid == OID) {
            return Encoding.LONG;
        }
        if (typeOid == BOOL) {
            return Encoding.BOOLEAN;
        }
        return typeOid == BYTEA ? Encoding.BYTES : Encoding.TEXT;
    }
}

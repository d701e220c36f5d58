package io.tidemark.ingest.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.mysql.RowReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The rows of one table, as a reader's transaction sees them. The row and its key are replaced by each step. Not thread-safe. */
final class TableCursor implements AutoCloseable {
    private static final int ROWS_AT_ONCE = 2_000;

    private final Statement statement;
    private final ResultSet rows;
    private final RowReader reader;
    private final RowKey rowKey;
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);

    private TableCursor(Statement statement, RowSchema schema) throws SQLException {
        this.statement = statement;
        reader = new RowReader(schema);
        rowKey = new RowKey(schema);
        statement.setFetchSize(ROWS_AT_ONCE);
        rows = statement.executeQuery(reader.query());
    }

    static TableCursor open(Connection connection, RowSchema schema) throws SQLException {
        Statement statement = connection.createStatement();
        try {
            return new TableCursor(statement, schema);
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** Goes to the next row; false if there is none. */
    boolean next() throws SQLException {
        if (!rows.next()) {
            return false;
        }
        reader.read(rows, row);
        rowKey.of(row.array(), 0, row.length(), key);
        return true;
    }

    ByteSink row() {
        return row;
    }

    ByteSink key() {
        return key;
    }

    /** Makes the server stop, so that closing need not read what is left. */
    void cancel() throws SQLException {
        statement.cancel();
    }

    @Override
    public void close() throws SQLException {
        try (statement) {
            rows.close();
        }
    }
}

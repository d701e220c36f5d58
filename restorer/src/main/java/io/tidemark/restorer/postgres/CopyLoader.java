package io.tidemark.restorer.postgres;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.restorer.RowLines;
import io.tidemark.restorer.RowLoader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.copy.CopyIn;

/** Loads one table through COPY, in one transaction. Columns that the table does not have are left out. */
final class CopyLoader implements RowLoader {
    private static final int BUFFER_BYTES = 64 * 1024;
    /** As COPY's text format has them. */
    private static final Map<Integer, Character> ESCAPES = Map.of(
            (int) '\b',
            'b',
            (int) '\f',
            'f',
            (int) '\n',
            'n',
            (int) '\r',
            'r',
            (int) '\t',
            't',
            0x0B,
            'v',
            (int) '\\',
            '\\');

    private final Connection connection;
    private final RowSchema rows;
    private final CopyIn copy;
    private final RowLines lines;
    private final ByteSink buffer = new ByteSink(BUFFER_BYTES * 2);
    private long bytes;
    private boolean completed;

    private CopyLoader(Connection connection, RowSchema rows, CopyIn copy, RowLines lines) {
        this.connection = connection;
        this.rows = rows;
        this.copy = copy;
        this.lines = lines;
    }

    /** Starts; takes over the connection and closes it. */
    static CopyLoader open(Connection connection, RowSchema rows) throws SQLException {
        try {
            connection.setAutoCommit(false);
            Set<String> present = columns(connection, rows);
            boolean[] wanted = new boolean[rows.columns().size()];
            IntStream.range(0, wanted.length)
                    .forEach(i ->
                            wanted[i] = present.contains(rows.columns().get(i).name()));
            String names = rows.columns().stream()
                    .filter(column -> present.contains(column.name()))
                    .map(column -> Identifiers.quote(column.name()))
                    .collect(Collectors.joining(", "));
            CopyIn copy = PostgresConnections.unwrap(connection)
                    .getCopyAPI()
                    .copyIn("COPY " + Identifiers.quote(rows.collection()) + (names.isEmpty() ? "" : " (" + names + ")")
                            + " FROM STDIN");
            return new CopyLoader(connection, rows, copy, new RowLines(rows, wanted, RowCodec::readText, ESCAPES));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Set<String> columns(Connection connection, RowSchema rows) throws SQLException {
        Set<String> names = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(?) "
                        + "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''")) {
            statement.setString(1, Identifiers.quote(rows.collection()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
        }
        return names;
    }

    @Override
    public void accept(ByteSink key, ByteSink row, long offset, int index, long count) {
        for (long i = 0; i < count; i++) {
            lines.write(row, buffer);
        }
        if (buffer.length() >= BUFFER_BYTES) {
            send();
        }
        if (Thread.interrupted()) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT, "loading of " + rows.collection() + " was interrupted");
        }
    }

    private void send() {
        try {
            copy.writeToCopy(buffer.array(), 0, buffer.length());
            bytes += buffer.length();
            buffer.clear();
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public long complete(Consumer<String> about) {
        send();
        try {
            long loaded = copy.endCopy();
            about.accept(PostgresTarget.transaction(connection));
            connection.commit();
            completed = true;
            return loaded;
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        try (connection) {
            if (!completed && copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException e) {
            throw PostgresConnections.failure("loading of " + rows.collection() + " did not end", e);
        }
    }
}

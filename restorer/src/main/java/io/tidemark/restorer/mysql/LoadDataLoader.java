package io.tidemark.restorer.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Column;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.ColumnType;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import io.tidemark.restorer.RowLines;
import io.tidemark.restorer.RowLoader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.mariadb.jdbc.Statement;

/**
 * Loads one table through {@code LOAD DATA LOCAL}, in one transaction. The statement runs on a thread of its own and takes
 * what it is given. Columns that the table does not have are left out.
 */
final class LoadDataLoader implements RowLoader {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final Map<Integer, Character> ESCAPES =
            Map.of(0, '0', (int) '\t', 't', (int) '\n', 'n', (int) '\\', '\\');
    private static final Set<ColumnType.Family> OF_TEXT = Set.of(ColumnType.Family.ENUM, ColumnType.Family.SET);
    private static final Set<String> NAMED_AS_TEXT = Set.of("uuid", "inet4", "inet6", "json");

    private final Connection connection;
    private final RowSchema rows;
    private final RowLines lines;
    private final ChunkPipe pipe = new ChunkPipe();
    private final FutureTask<Long> load;
    private final ByteSink buffer = new ByteSink(BUFFER_BYTES * 2);
    private long bytes;

    private LoadDataLoader(Connection connection, RowSchema rows, boolean[] wanted, String sql) {
        this.connection = connection;
        this.rows = rows;
        lines = new RowLines(rows, wanted, RowCodec::readRaw, ESCAPES);
        load = new FutureTask<>(() -> run(sql));
        Thread thread = new Thread(load, "load-" + rows.collection());
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts; takes over the connection and closes it. */
    static LoadDataLoader open(Connection connection, RowSchema rows) throws SQLException {
        try {
            connection.setAutoCommit(false);
            Set<String> present = columns(connection, rows);
            boolean[] wanted = new boolean[rows.columns().size()];
            List<String> targets = new ArrayList<>();
            List<String> assignments = new ArrayList<>();
            for (int i = 0; i < wanted.length; i++) {
                Column column = rows.columns().get(i);
                wanted[i] = present.contains(column.name());
                if (wanted[i]) {
                    String name = Identifiers.quote(column.name());
                    boolean isText = isText(ColumnType.parse(column.type()));
                    targets.add(isText ? "@c" + i : name);
                    if (isText) {
                        assignments.add(name + " = CONVERT(@c" + i + " USING utf8mb4)");
                    }
                }
            }
            // Bytes go in as they are; what is a name in UTF-8 is said to be one.
            String sql = "LOAD DATA LOCAL INFILE 'rows' INTO TABLE " + Identifiers.quote(rows.collection())
                    + " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ("
                    + (targets.isEmpty() ? "@none" : String.join(", ", targets)) + ")"
                    + (assignments.isEmpty() ? "" : " SET " + String.join(", ", assignments));
            return new LoadDataLoader(connection, rows, wanted, sql);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static boolean isText(ColumnType type) {
        return OF_TEXT.contains(type.family()) || NAMED_AS_TEXT.contains(type.base());
    }

    private static Set<String> columns(Connection connection, RowSchema rows) throws SQLException {
        Set<String> names = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT column_name FROM information_schema.columns "
                        + "WHERE table_schema = DATABASE() AND table_name = ? AND coalesce(generation_expression, '') = ''")) {
            statement.setString(1, rows.collection().name());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
        }
        return names;
    }

    private long run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement().unwrap(Statement.class)) {
            statement.setLocalInfileInputStream(pipe);
            long loaded = statement.executeLargeUpdate(sql);
            requireNoWarnings(statement);
            return loaded;
        } finally {
            pipe.readerEnds();
        }
    }

    /** The statement goes on where a value does not fit; nothing must be loaded other than it was. */
    private void requireNoWarnings(Statement statement) throws SQLException {
        try (ResultSet warnings = statement.executeQuery("SHOW WARNINGS LIMIT 1")) {
            if (warnings.next()) {
                throw new SQLException(warnings.getString(3), "22000", warnings.getInt(2));
            }
        }
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
            throw interrupted();
        }
    }

    private TidemarkException interrupted() {
        return new TidemarkException(
                TidemarkException.Kind.TRANSIENT, "loading of " + rows.collection() + " was interrupted");
    }

    private void send() {
        bytes += buffer.length();
        try {
            if (!pipe.put(buffer.toByteArray())) {
                // The statement ended before its rows did; it tells why.
                await();
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
        buffer.clear();
    }

    private long await() throws InterruptedException {
        try {
            return load.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw ServerConnections.failure("cannot load " + rows.collection(), failure);
            }
            throw new IllegalStateException("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public long complete(Consumer<String> about) {
        try {
            send();
            pipe.end();
            long loaded = await();
            String step = UUID.randomUUID().toString();
            about.accept(step);
            RestoreSteps.note(connection, step, true);
            connection.commit();
            return loaded;
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (SQLException e) {
            throw ServerConnections.failure("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        pipe.abort();
        try (connection) {
            if (!load.isDone()) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("loading of " + rows.collection() + " did not end", e);
        }
    }
}

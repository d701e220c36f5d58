package io.tidemark.restorer.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.CollectionName;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.CaptureMark;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.Repeated;
import io.tidemark.mysql.RowReader;
import io.tidemark.mysql.ServerConnections;
import io.tidemark.restorer.RowLoader;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database of MariaDB or MySQL that is restored into. */
final class ServerTarget implements Target {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTarget.class);
    private static final String SETTINGS = "SET foreign_key_checks = 0, unique_checks = 0, "
            + "sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', "
            + "character_set_client = utf8mb4, collation_connection = utf8mb4_general_ci";
    /** Checks of single rows, and keys of the server's own: switched off where the server knows them. */
    private static final String SWITCHES = "SHOW SESSION VARIABLES WHERE value = 'ON' AND variable_name IN "
            + "('check_constraint_checks', 'sql_require_primary_key', 'sql_generate_invisible_primary_key')";

    private static final int FETCHED_AT_ONCE = 2_000;

    /** Object exists already: table, primary key, key, foreign key, routine, trigger, event. */
    private static final Set<Integer> EXISTS = Set.of(1050, 1068, 1061, 1826, 1304, 1359, 1537, 121, 1005);

    /** Has many reasons. */
    private static final int CANNOT_CREATE = 1005;

    private static final String DUPLICATE = "errno: 121";

    private static final String OBJECTS = """
            SELECT table_type, table_name FROM information_schema.tables WHERE table_schema = DATABASE()
            UNION ALL
            SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
            UNION ALL
            SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = DATABASE()
            ORDER BY 1 DESC, 2
            """;

    private final ServerConnections connections;
    private volatile Optional<Connection> open = Optional.empty();
    private boolean goesOn;

    ServerTarget(TargetSettings settings) {
        this(new ServerConnections(settings.url(), settings.password()));
    }

    private ServerTarget(ServerConnections connections) {
        this.connections = connections;
    }

    @Override
    public Target session() {
        return new ServerTarget(connections);
    }

    @Override
    public void cancel() {
        try {
            if (open.isPresent()) {
                open.get().unwrap(org.mariadb.jdbc.Connection.class).cancelCurrentQuery();
            }
        } catch (SQLException e) {
            throw failure("cannot stop what runs in", e);
        }
    }

    private Connection sql() throws SQLException {
        if (open.isEmpty()) {
            Connection connection = connect(connections);
            open = Optional.of(connection);
            requireRowsFromClients(connection);
        }
        return open.get();
    }

    private void requireRowsFromClients(Connection connection) throws SQLException {
        if (!ServerConnections.value(connection, "SELECT @@local_infile")
                .orElse("")
                .equals("1")) {
            throw TidemarkException.permanent("the target " + connections.address()
                    + " does not take rows from its clients; SET GLOBAL local_infile = ON there, at least until the "
                    + "restore ends");
        }
    }

    /** A connection on which nothing that was true in the source is checked again. */
    private static Connection connect(ServerConnections connections) throws SQLException {
        Connection connection = connections.sql();
        ServerConnections.execute(connection, SETTINGS);
        List<String> switches = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SWITCHES)) {
            while (rows.next()) {
                switches.add("SET " + rows.getString(1) + " = OFF");
            }
        }
        for (String change : switches) {
            ServerConnections.execute(connection, change);
        }
        return connection;
    }

    private TidemarkException failure(String what, SQLException e) {
        return ServerConnections.failure(what + " the target " + connections.address(), e);
    }

    @Override
    public String identity() {
        try {
            return ServerConnections.value(sql(), "SELECT concat_ws('/', @@hostname, @@port, @@datadir, DATABASE())")
                    .orElse("");
        } catch (SQLException e) {
            throw failure("cannot look at", e);
        }
    }

    @Override
    public List<CollectionName> existing() {
        String database = connections.address().database();
        return objects().stream()
                .map(object -> new CollectionName(database, object[1]))
                .toList();
    }

    /** Kind and name of everything in the database. */
    private List<String[]> objects() {
        List<String[]> objects = new ArrayList<>();
        try (Statement statement = sql().createStatement();
                ResultSet rows = statement.executeQuery(OBJECTS)) {
            while (rows.next()) {
                objects.add(new String[] {rows.getString(1), rows.getString(2)});
            }
            return objects;
        } catch (SQLException e) {
            throw failure("cannot look at", e);
        }
    }

    /** Whatever database it was in. */
    @Override
    public CollectionName named(CollectionName collection) {
        return new CollectionName(connections.address().database(), collection.name());
    }

    /** Definers need not exist. */
    @Override
    public List<String> missingRoles(Set<String> roles) {
        return List.of();
    }

    @Override
    public void clear() {
        try {
            for (String[] object : objects()) {
                String kind = object[0].endsWith("TABLE") || object[0].equals("SYSTEM VERSIONED") ? "TABLE" : object[0];
                ServerConnections.execute(sql(), "DROP " + kind + " IF EXISTS " + Identifiers.quote(object[1]));
            }
        } catch (SQLException e) {
            throw failure("cannot clear", e);
        }
    }

    /** What needs them, as a view does, is not known to the server. */
    @Override
    public void drop(List<CollectionName> collections) {
        String names =
                collections.stream().map(name -> Identifiers.quote(name.name())).collect(Collectors.joining(", "));
        try {
            ServerConnections.execute(sql(), "DROP TABLE " + names);
        } catch (SQLException e) {
            throw failure("cannot drop " + names + " in", e);
        }
    }

    @Override
    public Optional<String> capture() {
        try (Statement statement = sql().createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT table_schema, table_comment FROM information_schema.tables "
                                + "WHERE table_schema LIKE 'tidemark\\_%' AND table_comment LIKE 'Tidemark heartbeats of %'")) {
            while (rows.next()) {
                String source = rows.getString(1).substring("tidemark_".length());
                if (CaptureMark.parse(rows.getString(2))
                        .filter(mark ->
                                mark.database().equals(connections.address().database()))
                        .isPresent()) {
                    return Optional.of(source);
                }
            }
            return Optional.empty();
        } catch (SQLException e) {
            throw failure("cannot look at", e);
        }
    }

    private static boolean isThere(SQLException e) {
        return EXISTS.contains(e.getErrorCode())
                && (e.getErrorCode() != CANNOT_CREATE
                        || String.valueOf(e.getMessage()).contains(DUPLICATE));
    }

    @Override
    public boolean isThere(TidemarkException failure) {
        return failure.getCause() instanceof SQLException cause && isThere(cause);
    }

    @Override
    public void run(SourceSchema.Statement statement, Consumer<String> about) {
        String step = UUID.randomUUID().toString();
        try {
            RestoreSteps.install(sql());
            about.accept(step);
            RestoreSteps.note(sql(), step, false);
            execute(statement.text());
            RestoreSteps.note(sql(), step, true);
        } catch (SQLException e) {
            throw ServerConnections.failure("cannot make " + statement.object() + " in the target", e);
        }
    }

    /** Settings that an object was made under come first in its text. */
    private void execute(String text) throws SQLException {
        int end = text.startsWith("SET ") ? text.indexOf(";\n") : -1;
        try {
            if (end > 0) {
                ServerConnections.execute(sql(), text.substring(0, end));
            }
            Optional<String> repeated = Repeated.statement(text);
            if (repeated.isPresent()) {
                repeat(repeated.get());
            } else {
                ServerConnections.execute(sql(), end > 0 ? text.substring(end + 2) : text);
            }
        } catch (SQLException e) {
            if (!goesOn || !isThere(e)) {
                throw e;
            }
            LOG.info("done before the interruption: {}", e.getMessage());
        } finally {
            if (end > 0) {
                ServerConnections.execute(sql(), SETTINGS);
            }
        }
    }

    private void repeat(String statement) throws SQLException {
        try (Statement each = sql().createStatement()) {
            while (each.executeLargeUpdate(statement) > 0) {
                LOG.debug("again: {}", statement);
            }
        }
    }

    @Override
    public boolean isCommitted(String transaction) {
        goesOn = true;
        try {
            return RestoreSteps.done(sql(), transaction).orElse(false);
        } catch (SQLException e) {
            throw failure("cannot look at", e);
        }
    }

    @Override
    public RowLoader loader(RowSchema rows) {
        try {
            Connection connection = connect(connections);
            RestoreSteps.install(connection);
            return LoadDataLoader.open(connection, rows);
        } catch (SQLException e) {
            throw ServerConnections.failure("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public void setSequence(String name, long lastValue, boolean isCalled) {
        long next = isCalled ? lastValue + 1 : lastValue;
        try {
            String kind = ServerConnections.value(
                            sql(),
                            "SELECT table_type FROM information_schema.tables WHERE table_schema = DATABASE() "
                                    + "AND table_name = ?",
                            name.substring(1, name.length() - 1).replace("``", "`"))
                    .orElse("");
            if (kind.equals("BASE TABLE")) {
                // The server never sets it behind the rows.
                ServerConnections.execute(sql(), "ALTER TABLE " + name + " AUTO_INCREMENT = " + next);
            } else if (kind.equals("SEQUENCE")) {
                ServerConnections.value(sql(), "SELECT SETVAL(" + name + ", " + next + ", 0)");
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("cannot set the counter " + name, e);
        }
    }

    /** A counter has its table's name; sequences are nobody's. */
    @Override
    public List<CollectionName> users(String sequence) {
        String name = sequence.substring(1, sequence.length() - 1).replace("``", "`");
        return List.of(named(new CollectionName("", name)));
    }

    @Override
    public CollectionContent content(RowSchema rows) {
        RowReader reader = new RowReader(rows);
        ContentDigest.Sum digest = new ContentDigest.Sum();
        ByteSink row = new ByteSink(1024);
        long count = 0;
        try (Connection connection = connect(connections);
                Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCHED_AT_ONCE);
            try (ResultSet result = statement.executeQuery(reader.query())) {
                while (result.next()) {
                    reader.read(result, row);
                    digest.add(row.array(), 0, row.length(), 1);
                    count++;
                }
            }
            return new CollectionContent(rows, count, digest.digest());
        } catch (SQLException e) {
            throw ServerConnections.failure("cannot read " + rows.collection() + " in the target", e);
        }
    }

    @Override
    public void finish() {
        try {
            RestoreSteps.uninstall(sql());
        } catch (SQLException e) {
            throw failure("cannot finish", e);
        }
    }

    @Override
    public void close() {
        open.ifPresent(connection -> {
            try {
                connection.close();
            } catch (SQLException e) {
                throw failure("the connection did not close to", e);
            }
        });
        open = Optional.empty();
    }
}

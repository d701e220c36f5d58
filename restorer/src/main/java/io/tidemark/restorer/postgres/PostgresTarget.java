package io.tidemark.restorer.postgres;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.CollectionName;
import io.tidemark.model.ContentDigest;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.CaptureMark;
import io.tidemark.postgres.CopyLineParser;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import io.tidemark.restorer.RowLoader;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL database as a target. */
final class PostgresTarget implements Target {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresTarget.class);
    /** The state of what is only a notice. */
    private static final String SUCCESSFUL_COMPLETION = "00000";

    /** Relation, object, schema, function. */
    private static final Set<String> THERE = Set.of("42P07", "42710", "42P06", "42723");

    private static final Duration END = Duration.ofSeconds(10);

    private static final String USER_RELATIONS = """
            SELECT n.nspname, c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 1, 2
            """;

    /** What removes everything a user made. */
    private static final String DROPS = """
            SELECT pg_catalog.format('DROP EVENT TRIGGER %I', evtname) FROM pg_catalog.pg_event_trigger
            UNION ALL
            SELECT pg_catalog.format('DROP PUBLICATION %I', pubname) FROM pg_catalog.pg_publication
            UNION ALL
            SELECT pg_catalog.format('DROP SCHEMA %I CASCADE', nspname) FROM pg_catalog.pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            UNION ALL
            SELECT pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
            UNION ALL
            SELECT pg_catalog.format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname) FROM pg_catalog.pg_foreign_data_wrapper
            """;

    /** Tables whose column draws from the sequence, by ownership or by default. */
    private static final String SEQUENCE_COLUMNS = """
            SELECT pg_catalog.format('SELECT max(%I)::bigint FROM ONLY %I.%I', a.attname, n.nspname, c.relname), s.seqincrement > 0
            FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = s.seqrelid
             AND d.classid = 'pg_catalog.pg_attrdef'::regclass
            JOIN pg_catalog.pg_attrdef ad ON ad.oid = d.objid
            JOIN pg_catalog.pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE s.seqrelid = pg_catalog.to_regclass(?) AND a.atttypid IN (20, 21, 23)
            UNION
            SELECT pg_catalog.format('SELECT max(%I)::bigint FROM ONLY %I.%I', a.attname, n.nspname, c.relname), s.seqincrement > 0
            FROM pg_catalog.pg_sequence s
            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype = 'i'
            JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE s.seqrelid = pg_catalog.to_regclass(?)
            """;

    /** The tables of those columns, whatever their type. */
    private static final String SEQUENCE_USERS = """
            SELECT n.nspname, c.relname
            FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_attrdef ad ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND ad.oid = d.objid
            JOIN pg_catalog.pg_class c ON c.oid = ad.adrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = pg_catalog.to_regclass(?)
            UNION
            SELECT n.nspname, c.relname
            FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_class c ON c.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = pg_catalog.to_regclass(?)
              AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
            """;

    private final PostgresConnections connections;
    private volatile Optional<Connection> open = Optional.empty();

    PostgresTarget(TargetSettings settings) {
        this(new PostgresConnections("restore", settings.url(), settings.password()));
    }

    private PostgresTarget(PostgresConnections connections) {
        this.connections = connections;
    }

    @Override
    public Target session() {
        return new PostgresTarget(connections);
    }

    @Override
    public void cancel() {
        try {
            if (open.isPresent()) {
                PostgresConnections.unwrap(open.get()).cancelQuery();
            }
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot stop what runs in the target", e);
        }
    }

    private Connection sql() throws SQLException {
        if (open.isEmpty()) {
            Connection connection = connections.sql();
            open = Optional.of(connection);
            // Bodies may name what is made later.
            Queries.execute(connection, "SET check_function_bodies = off");
        }
        return open.get();
    }

    @Override
    public String identity() {
        return ask("SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()) || '/' || oid "
                + "FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()");
    }

    static String transaction(Connection connection) throws SQLException {
        return Queries.value(connection, "SELECT pg_catalog.txid_current()::text")
                .orElseThrow();
    }

    /** One that is under way, after its client was killed, is given time to end. */
    @Override
    public boolean isCommitted(String transaction) {
        long deadline = System.nanoTime() + END.toNanos();
        String status = status(transaction);
        while (status.equals("in progress") && System.nanoTime() < deadline) {
            ask("SELECT pg_catalog.pg_sleep(0.1)::text");
            status = status(transaction);
        }
        return switch (status) {
            case "committed" -> true;
            case "aborted" -> false;
            case "in progress" ->
                throw new TidemarkException(
                        TidemarkException.Kind.TRANSIENT,
                        "a step of the restore is still under way in the target; wait until the server has ended it");
            default ->
                throw TidemarkException.permanent("the target does not know any more whether a step of the restore was "
                        + "committed; begin anew with --allow-clear");
        };
    }

    private String status(String transaction) {
        return ask("SELECT coalesce(pg_catalog.txid_status(?::bigint), 'unknown')", transaction);
    }

    private String ask(String query, String... parameters) {
        try {
            return Queries.value(sql(), query, (Object[]) parameters).orElseThrow();
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot look at the target " + connections.describe(), e);
        }
    }

    @Override
    public List<CollectionName> existing() {
        List<CollectionName> names = new ArrayList<>();
        try (PreparedStatement statement = sql().prepareStatement(USER_RELATIONS);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                names.add(new CollectionName(result.getString(1), result.getString(2)));
            }
            return names;
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot look at the target " + connections.describe(), e);
        }
    }

    @Override
    public CollectionName named(CollectionName collection) {
        return collection;
    }

    @Override
    public List<String> missingRoles(Set<String> roles) {
        List<String> missing = new ArrayList<>();
        try {
            for (String role : roles) {
                if (Queries.value(sql(), "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = ?", role)
                        .isEmpty()) {
                    missing.add(role);
                }
            }
            return missing;
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot look at the target " + connections.describe(), e);
        }
    }

    @Override
    public void clear() {
        try {
            List<String> drops = new ArrayList<>();
            try (PreparedStatement statement = sql().prepareStatement(DROPS);
                    ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    drops.add(result.getString(1));
                }
            }
            for (String drop : drops) {
                Queries.execute(sql(), drop);
            }
            Queries.execute(sql(), "CREATE SCHEMA public; COMMENT ON SCHEMA public IS 'standard public schema'");
            boolean since15 = Integer.parseInt(
                            Queries.value(sql(), "SHOW server_version_num").orElse("0"))
                    >= 150000;
            Queries.execute(
                    sql(),
                    since15
                            ? "ALTER SCHEMA public OWNER TO pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC"
                            : "GRANT ALL ON SCHEMA public TO PUBLIC");
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot clear the target " + connections.describe(), e);
        }
    }

    /** The server drops the partitions of a table without a word. */
    @Override
    public void drop(List<CollectionName> collections) {
        String names = collections.stream().map(Identifiers::quote).collect(Collectors.joining(", "));
        try {
            Optional<String> parts = Queries.value(
                    sql(),
                    "SELECT pg_catalog.string_agg(i.inhrelid::pg_catalog.regclass::text, ', ') FROM pg_catalog.pg_inherits i "
                            + "WHERE i.inhparent = ANY (?::text[]::pg_catalog.regclass[]) "
                            + "AND NOT i.inhrelid = ANY (?::text[]::pg_catalog.regclass[])",
                    array(collections),
                    array(collections));
            if (parts.isPresent()) {
                throw TidemarkException.permanent("what is in the way has parts that are not restored: " + parts.get()
                        + "; name them with --table too, or drop them first");
            }
            Queries.execute(sql(), "DROP TABLE " + names);
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot drop " + names + " in the target", e);
        }
    }

    private java.sql.Array array(List<CollectionName> collections) throws SQLException {
        return sql().createArrayOf(
                        "text", collections.stream().map(Identifiers::quote).toArray());
    }

    @Override
    public Optional<String> capture() {
        try {
            return Queries.value(
                    sql(),
                    "SELECT pg_catalog.string_agg(pg_catalog.substr(nspname, 10), ', ') FROM pg_catalog.pg_namespace "
                            + "WHERE pg_catalog.obj_description(oid, 'pg_namespace') LIKE ?",
                    CaptureMark.TEXT + "%");
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot look at the target " + connections.describe(), e);
        }
    }

    @Override
    public boolean isThere(TidemarkException failure) {
        return failure.getCause() instanceof SQLException cause && THERE.contains(String.valueOf(cause.getSQLState()));
    }

    @Override
    public void run(SourceSchema.Statement statement, Consumer<String> about) {
        try (Statement sql = sql().createStatement()) {
            sql().setAutoCommit(false);
            try {
                String transaction = transaction(sql());
                sql.execute(statement.text());
                about.accept(transaction);
                sql().commit();
            } finally {
                sql().rollback();
                sql().setAutoCommit(true);
            }
            for (SQLWarning warning = sql.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                if (!SUCCESSFUL_COMPLETION.equals(warning.getSQLState())) {
                    LOG.warn("{}: {}", statement.object(), warning.getMessage());
                }
            }
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot make " + statement.object() + " in the target", e);
        }
    }

    @Override
    public RowLoader loader(RowSchema rows) {
        try {
            return CopyLoader.open(connections.sql(), rows);
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot load " + rows.collection(), e);
        }
    }

    @Override
    public void setSequence(String name, long lastValue, boolean isCalled) {
        try {
            if (Queries.value(sql(), "SELECT pg_catalog.to_regclass(?)::text", name)
                    .isEmpty()) {
                return;
            }
            long value = lastValue;
            boolean called = isCalled;
            try (PreparedStatement statement = sql().prepareStatement(SEQUENCE_COLUMNS)) {
                statement.setString(1, name);
                statement.setString(2, name);
                try (ResultSet result = statement.executeQuery()) {
                    while (result.next()) {
                        Optional<Long> used =
                                Queries.value(sql(), result.getString(1)).map(Long::valueOf);
                        boolean ascending = result.getBoolean(2);
                        if (used.isPresent() && ascending && (used.get() > value || (used.get() == value && !called))) {
                            value = used.get();
                            called = true;
                        }
                    }
                }
            }
            Queries.value(
                    sql(), "SELECT pg_catalog.setval(pg_catalog.to_regclass(?), ?, ?)::text", name, value, called);
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot set the sequence " + name, e);
        }
    }

    @Override
    public List<CollectionName> users(String sequence) {
        List<CollectionName> users = new ArrayList<>();
        try (PreparedStatement statement = sql().prepareStatement(SEQUENCE_USERS)) {
            statement.setString(1, sequence);
            statement.setString(2, sequence);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    users.add(new CollectionName(result.getString(1), result.getString(2)));
                }
            }
            return users;
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot look at the sequence " + sequence, e);
        }
    }

    @Override
    public CollectionContent content(RowSchema rows) {
        String columns =
                rows.columns().stream().map(c -> Identifiers.quote(c.name())).collect(Collectors.joining(", "));
        String sql = "COPY (SELECT " + columns + " FROM ONLY " + Identifiers.quote(rows.collection()) + ") TO STDOUT";
        ContentDigest.Sum digest = new ContentDigest.Sum();
        CopyLineParser parser = new CopyLineParser(rows);
        ByteSink row = new ByteSink(1024);
        long count = 0;
        try (Connection connection = connections.sql()) {
            CopyOut copy = PostgresConnections.unwrap(connection).getCopyAPI().copyOut(sql);
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                parser.parse(line, row);
                digest.add(row.array(), 0, row.length(), 1);
                count++;
            }
            return new CollectionContent(rows, count, digest.digest());
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot read " + rows.collection() + " in the target", e);
        }
    }

    @Override
    public void finish() {
        try {
            Queries.execute(sql(), "ANALYZE");
        } catch (SQLException e) {
            throw PostgresConnections.failure("cannot analyze the target", e);
        }
    }

    @Override
    public void close() {
        open.ifPresent(connection -> {
            try {
                connection.close();
            } catch (SQLException e) {
                throw PostgresConnections.failure("the connection to the target did not close", e);
            }
        });
        open = Optional.empty();
    }
}

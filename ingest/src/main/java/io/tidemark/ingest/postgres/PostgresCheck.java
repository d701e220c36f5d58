package io.tidemark.ingest.postgres;

import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceCheck.Finding;
import io.tidemark.model.CollectionName;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks whether a server, a role and its tables are fit for capture. Changes nothing. */
final class PostgresCheck {
    private static final int OLDEST_SERVER = 140000;

    private static final String TABLES = """
            SELECT n.nspname, c.relname,
                   c.relreplident = 'f'
                   OR EXISTS (SELECT FROM pg_catalog.pg_index i
                              WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                                AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                                        WHEN 'i' THEN i.indisreplident ELSE false END),
                   pg_catalog.has_table_privilege(c.oid, 'SELECT')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
              AND coalesce(pg_catalog.obj_description(n.oid, 'pg_namespace'), '') NOT LIKE 'Tidemark capture of this database%'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 1, 2
            """;

    /** Problem, remedy, names. */
    private static final String UNCAPTURED = """
            WITH member AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
                 space AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
                           AND coalesce(pg_catalog.obj_description(oid, 'pg_namespace'), '') NOT LIKE 'Tidemark capture of this database%')
            SELECT problem, remedy, string_agg(name, ', ' ORDER BY name)
            FROM (
                SELECT 'unlogged tables are backed up without their rows' AS problem, 'ALTER TABLE ... SET LOGGED where the rows matter' AS remedy,
                       c.oid::pg_catalog.regclass::text AS name
                FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND c.relnamespace IN (SELECT oid FROM space)
                UNION ALL
                SELECT 'rows of foreign tables stay where they are', 'back up the other server too', c.oid::pg_catalog.regclass::text
                FROM pg_catalog.pg_class c WHERE c.relkind = 'f' AND c.relnamespace IN (SELECT oid FROM space)
                UNION ALL
                SELECT 'rows of tables that belong to an extension are not backed up', 'keep a script that makes them again',
                       t.oid::pg_catalog.regclass::text
                FROM pg_catalog.pg_extension e, unnest(e.extconfig) AS t(oid) JOIN pg_catalog.pg_class c ON c.oid = t.oid WHERE c.relkind = 'r'
                UNION ALL
                SELECT 'values that name objects of the server (reg types) stay what they were when the row was written, whatever is renamed later',
                       'keep names as text', format('%s.%I', a.attrelid::pg_catalog.regclass, a.attname)
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                WHERE c.relkind = 'r' AND c.relnamespace IN (SELECT oid FROM space) AND a.attnum > 0 AND NOT a.attisdropped
                  AND a.atttypid IN (24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191)
                UNION ALL
                SELECT 'a restore does not make these again', 'keep a script that makes them', kind || ' ' || name
                FROM (
                    SELECT 'base type' AS kind, t.oid::pg_catalog.regtype::text AS name, 'pg_catalog.pg_type'::regclass AS class, t.oid
                    FROM pg_catalog.pg_type t WHERE t.typtype = 'b' AND t.typelem = 0 AND t.typnamespace IN (SELECT oid FROM space)
                    UNION ALL
                    SELECT 'range type', t.oid::pg_catalog.regtype::text, 'pg_catalog.pg_type'::regclass, t.oid
                    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
                    WHERE r.rngcanonical <> 0 AND t.typnamespace IN (SELECT oid FROM space)
                    UNION ALL
                    SELECT 'operator class', o.opcname, 'pg_catalog.pg_opclass'::regclass, o.oid FROM pg_catalog.pg_opclass o WHERE o.opcnamespace IN (SELECT oid FROM space)
                    UNION ALL
                    SELECT 'language', l.lanname, 'pg_catalog.pg_language'::regclass, l.oid FROM pg_catalog.pg_language l WHERE l.oid >= 16384
                    UNION ALL
                    SELECT 'conversion', c.conname, 'pg_catalog.pg_conversion'::regclass, c.oid FROM pg_catalog.pg_conversion c WHERE c.connamespace IN (SELECT oid FROM space)
                    UNION ALL
                    SELECT 'access method', a.amname, 'pg_catalog.pg_am'::regclass, a.oid FROM pg_catalog.pg_am a WHERE a.oid >= 16384
                    UNION ALL
                    SELECT 'transform for', t.trftype::pg_catalog.regtype::text, 'pg_catalog.pg_transform'::regclass, t.oid FROM pg_catalog.pg_transform t
                    UNION ALL
                    SELECT 'text search parser', p.prsname, 'pg_catalog.pg_ts_parser'::regclass, p.oid FROM pg_catalog.pg_ts_parser p WHERE p.prsnamespace IN (SELECT oid FROM space)
                    UNION ALL
                    SELECT 'subscription', s.subname, 'pg_catalog.pg_subscription'::regclass, s.oid FROM pg_catalog.pg_subscription s
                    WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
                    UNION ALL
                    SELECT 'security label on', l.objname, 'pg_catalog.pg_seclabel'::regclass, l.objoid FROM pg_catalog.pg_seclabels l
                    WHERE l.objtype NOT IN ('role', 'database', 'tablespace')
                ) o
                WHERE (class::oid, oid) NOT IN (SELECT classid, objid FROM member)
            ) f
            GROUP BY problem, remedy
            """;

    private final Connection connection;
    private final CaptureNames names;
    private final List<String> exclude;
    private final List<String> facts = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    PostgresCheck(Connection connection, CaptureNames names, List<String> exclude) {
        this.connection = connection;
        this.names = names;
        this.exclude = exclude;
    }

    /** The names of all tables but partitioned ones, whose partitions stand for them. */
    static List<CollectionName> tables(Connection connection) throws SQLException {
        List<CollectionName> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "
                        + "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'f')")) {
            while (result.next()) {
                tables.add(new CollectionName(result.getString(1), result.getString(2)));
            }
        }
        return tables;
    }

    SourceCheck run() throws SQLException {
        server();
        role();
        slots();
        prepared();
        tables();
        uncaptured();
        return new SourceCheck(facts, findings);
    }

    /** What of it matters as long as the capture lasts. */
    List<String> standingWarnings() throws SQLException {
        uncaptured();
        Optional<String> publication = Publication.obstacle(connection, names);
        publication.ifPresent(problem -> fatal(problem, "the next start begins anew"));
        CaptureSchema.obstacle(connection, names).ifPresent(problem -> fatal(problem, "the next start begins anew"));
        return findings.stream().map(Finding::problem).toList();
    }

    private void server() throws SQLException {
        facts.add("PostgreSQL " + setting("server_version") + ", database of "
                + Queries.value(
                                connection,
                                "SELECT pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(pg_catalog.current_database()))")
                        .orElse("unknown size"));
        if (Integer.parseInt(setting("server_version_num")) < OLDEST_SERVER) {
            fatal("the server is older than PostgreSQL 14, which brought logical messages in the stream", "upgrade it");
        }
        if (!setting("wal_level").equals("logical")) {
            fatal(
                    "wal_level is " + setting("wal_level") + ", logical is needed",
                    "ALTER SYSTEM SET wal_level = logical; then restart the server");
        }
        if (setting("max_slot_wal_keep_size").equals("-1")) {
            findings.add(new Finding(
                    false,
                    "max_slot_wal_keep_size is not limited: if capture stops for long, the server's log may fill its disk",
                    "watch 'tidemark status', or set a limit and accept a gap when it is reached"));
        }
    }

    private void role() throws SQLException {
        String role = Queries.value(
                        connection,
                        "SELECT CASE WHEN rolsuper THEN 'superuser' WHEN rolreplication THEN 'replication' ELSE '' END "
                                + "FROM pg_catalog.pg_roles WHERE rolname = current_user")
                .orElse("");
        String user = Queries.value(connection, "SELECT current_user").orElse("");
        facts.add("role " + user + (role.isEmpty() ? "" : " (" + role + ")"));
        if (role.isEmpty()) {
            fatal("role " + user + " may not replicate", "ALTER ROLE " + Identifiers.quote(user) + " REPLICATION");
        }
        boolean mayCreate = Queries.value(
                        connection, "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')")
                .orElse("f")
                .equals("t");
        if (!mayCreate) {
            fatal(
                    "role " + user + " may not create a publication and a schema for the capture in this database",
                    "GRANT CREATE ON DATABASE "
                            + Identifiers.quote(Queries.value(connection, "SELECT current_database()")
                                    .orElse(""))
                            + " TO " + Identifiers.quote(user));
        }
        if (!role.equals("superuser")) {
            findings.add(new Finding(
                    false,
                    "role " + user
                            + " is not a superuser and may make no event triggers: schema changes are noticed late, "
                            + "tables created later are not captured by themselves, and when a table is rewritten everything is copied again",
                    "use a superuser; or after creating tables run 'tidemark source remove' and 'source add' again"));
        }
    }

    private void slots() throws SQLException {
        boolean exists = Queries.value(
                        connection, "SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = ?", names.slot())
                .isPresent();
        String free = Queries.value(
                        connection,
                        "SELECT pg_catalog.current_setting('max_replication_slots')::int "
                                + "- (SELECT count(*) FROM pg_catalog.pg_replication_slots)")
                .orElse("0");
        if (!exists && Integer.parseInt(free) < 1) {
            fatal(
                    "all " + setting("max_replication_slots") + " replication slots are taken",
                    "raise max_replication_slots and restart the server, or drop a slot that is not used");
        }
    }

    private void prepared() throws SQLException {
        String transactions = Queries.value(
                        connection,
                        "SELECT string_agg(gid, ', ') FROM pg_catalog.pg_prepared_xacts WHERE database = current_database()")
                .orElse("");
        if (!transactions.isEmpty()) {
            findings.add(new Finding(
                    false,
                    "the initial copy waits until these prepared transactions end: " + transactions,
                    "COMMIT PREPARED or ROLLBACK PREPARED"));
        }
    }

    private void tables() throws SQLException {
        int tables = 0;
        try (PreparedStatement statement = connection.prepareStatement(TABLES);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                CollectionName name = new CollectionName(result.getString(1), result.getString(2));
                if (exclude.stream().noneMatch(name::matches)) {
                    tables++;
                    table(name, result.getBoolean(3), result.getBoolean(4));
                }
            }
        }
        facts.add(tables + " tables");
        if (tables == 0) {
            fatal("there is no table to back up", "create tables first, or correct the exclusions");
        }
    }

    private void table(CollectionName name, boolean hasIdentity, boolean readable) {
        if (!hasIdentity) {
            fatal(
                    "table " + name + " has no replica identity: once it is published, the server refuses "
                            + "the application's own UPDATE and DELETE on it",
                    "ALTER TABLE " + Identifiers.quote(name)
                            + " REPLICA IDENTITY FULL, or add a primary key, or leave it out with --exclude " + name);
        }
        if (!readable) {
            fatal("table " + name + " may not be read", "GRANT SELECT ON " + Identifiers.quote(name) + " TO the role");
        }
    }

    /** What logical decoding does not carry, or a restore does not make again, by name. */
    private void uncaptured() throws SQLException {
        boolean largeObjects = Queries.value(
                        connection, "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)")
                .orElse("f")
                .equals("t");
        if (largeObjects) {
            fatal(
                    "the database holds large objects, which logical decoding does not carry",
                    "move them into bytea columns, or use another backup for this database");
        }
        try (PreparedStatement statement = connection.prepareStatement(UNCAPTURED);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                findings.add(new Finding(false, result.getString(1) + ": " + result.getString(3), result.getString(2)));
            }
        }
        List<String> unpublished = Publication.missing(connection, names).stream()
                .map(CollectionName::toString)
                .toList();
        if (!unpublished.isEmpty()) {
            findings.add(new Finding(
                    false,
                    "tables made since are not captured: " + String.join(", ", unpublished),
                    "run 'tidemark source remove' and 'source add' again, or use a superuser"));
        }
    }

    private void fatal(String problem, String remedy) {
        findings.add(new Finding(true, problem, remedy));
    }

    private String setting(String name) throws SQLException {
        return Queries.value(connection, "SELECT pg_catalog.current_setting(?)", name)
                .orElse("");
    }
}

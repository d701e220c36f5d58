package io.tidemark.ingest.postgres;

import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceCheck.Finding;
import io.tidemark.postgres.Identifiers;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks whether a server, a role and its tables are fit for capture. Changes nothing. */
final class PostgresCheck {
    private static final int OLDEST_SERVER = 140000;

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

    SourceCheck run() throws SQLException {
        server();
        role();
        slots();
        tables();
        unsupported();
        return new SourceCheck(facts, findings);
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
        if (!mayCreate && !Publication.exists(connection, names)) {
            fatal(
                    "role " + user + " may not create a publication in this database",
                    "GRANT CREATE ON DATABASE … TO " + Identifiers.quote(user) + ", or create the publication "
                            + names.publication() + " for it");
        }
        if (!role.equals("superuser")) {
            findings.add(new Finding(
                    false,
                    "role " + user + " is not a superuser: tables created later are not captured by themselves",
                    "after creating tables run 'tidemark source remove' and 'source add' again, or use a superuser"));
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

    private void tables() throws SQLException {
        List<Table> tables = Tables.list(connection, exclude);
        facts.add(tables.size() + " tables");
        if (tables.isEmpty()) {
            fatal("there is no table to back up", "create tables first, or correct the exclusions");
        }
        for (Table table : tables) {
            if (!table.hasIdentity()) {
                fatal(
                        "table " + table.name() + " has no replica identity: once it is published, the server refuses "
                                + "the application's own UPDATE and DELETE on it",
                        "ALTER TABLE " + Identifiers.quote(table.name())
                                + " REPLICA IDENTITY FULL, or add a primary key, or leave it out with --exclude "
                                + table.name());
            }
            boolean readable = Queries.value(
                            connection,
                            "SELECT pg_catalog.has_table_privilege(?::oid, 'SELECT')",
                            Long.toString(table.oid()))
                    .orElse("f")
                    .equals("t");
            if (!readable) {
                fatal(
                        "table " + table.name() + " may not be read",
                        "GRANT SELECT ON " + Identifiers.quote(table.name()) + " TO the role");
            }
        }
    }

    private void unsupported() throws SQLException {
        String unlogged = Queries.value(
                        connection,
                        "SELECT string_agg(c.oid::pg_catalog.regclass::text, ', ') FROM pg_catalog.pg_class c "
                                + "WHERE c.relkind = 'r' AND c.relpersistence = 'u'")
                .orElse("");
        if (!unlogged.isEmpty()) {
            findings.add(new Finding(
                    false,
                    "unlogged tables are backed up without their rows: " + unlogged,
                    "ALTER TABLE … SET LOGGED where the rows matter"));
        }
        boolean largeObjects = Queries.value(
                        connection, "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)")
                .orElse("f")
                .equals("t");
        if (largeObjects) {
            fatal(
                    "the database holds large objects, which logical decoding does not carry",
                    "move them into bytea columns, or use another backup for this database");
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

package io.tidemark.ingest.mariadb;

import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceCheck.Finding;
import io.tidemark.mariadb.Identifiers;
import io.tidemark.mariadb.MariaDbConnections;
import io.tidemark.model.TidemarkException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** Looks whether a MariaDB database can be captured. */
final class MariaDbCheck {
    private static final int OLDEST_MAJOR = 10;
    private static final int OLDEST_MINOR = 5;

    private final Connection sql;
    private final Tables tables;
    private final List<String> facts = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    MariaDbCheck(Connection sql, Tables tables) {
        this.sql = sql;
        this.tables = tables;
    }

    SourceCheck run() throws SQLException {
        String version = value("SELECT version()");
        facts.add("server " + version);
        if (!version.toLowerCase(Locale.ROOT).contains("mariadb") || isTooOld(version)) {
            fatal("the server is " + version + ", which is not MariaDB 10.5 or newer", "upgrade it");
            return new SourceCheck(facts, findings);
        }
        facts.add("database of "
                + value("SELECT coalesce(sum(data_length), 0) DIV 1048576 FROM information_schema.tables "
                        + "WHERE table_schema = DATABASE()")
                + " MiB in "
                + value("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
                        + "AND table_type = 'BASE TABLE'")
                + " tables");
        settings();
        privileges();
        definitions();
        tables();
        columns();
        standingWarnings()
                .forEach(warning -> findings.add(new Finding(
                        false,
                        warning,
                        "nothing, if they need no backup; otherwise see 'MariaDB' in the operations guide")));
        return new SourceCheck(facts, findings);
    }

    /**
     * Makes sure that a copy can begin.
     *
     * @throws TidemarkException of kind PERMANENT if something is in its way
     */
    static void requirePassed(Connection sql, Tables tables) throws SQLException {
        for (Finding finding : new MariaDbCheck(sql, tables).run().findings()) {
            if (finding.fatal()) {
                throw TidemarkException.permanent(finding.problem() + "; " + finding.remedy());
            }
        }
    }

    private void settings() throws SQLException {
        requireVariable("log_bin", "ON", "start the server with --log-bin");
        requireVariable("binlog_format", "ROW", "SET GLOBAL binlog_format = 'ROW', and in the server's options");
        requireVariable(
                "binlog_row_image", "FULL", "SET GLOBAL binlog_row_image = 'FULL', and in the server's options");
        requireVariable(
                "binlog_row_metadata", "FULL", "SET GLOBAL binlog_row_metadata = 'FULL', and in the server's options");
        requireVariable(
                "mysql56_temporal_format", "ON", "SET GLOBAL mysql56_temporal_format = ON, and rebuild the tables");
    }

    private static boolean isTooOld(String version) {
        String[] parts = version.split("[.-]", -1);
        int major = Integer.parseInt(parts[0]);
        int minor = Integer.parseInt(parts[1]);
        return major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR);
    }

    private String value(String query) throws SQLException {
        return MariaDbConnections.value(sql, query).orElse("");
    }

    private void fatal(String problem, String remedy) {
        findings.add(new Finding(true, problem, remedy));
    }

    private void requireVariable(String name, String wanted, String remedy) throws SQLException {
        String is = MariaDbConnections.value(
                        sql,
                        "SELECT variable_value FROM information_schema.global_variables WHERE variable_name = ?",
                        name.toUpperCase(Locale.ROOT))
                .orElse("not known");
        if (!is.equalsIgnoreCase(wanted)) {
            fatal(name + " is " + is + " and must be " + wanted, remedy);
        }
    }

    /** What cannot be seen from the privileges' names is tried. */
    private void privileges() throws SQLException {
        try {
            value("SHOW BINARY LOGS");
        } catch (SQLException e) {
            fatal(
                    "the user may not see the binary logs: " + e.getMessage(),
                    "GRANT BINLOG MONITOR, REPLICATION SLAVE ON *.* TO the user");
        }
        StringBuilder grants = new StringBuilder();
        try (var statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.append(rows.getString(1).toUpperCase(Locale.ROOT)).append('\n');
            }
        }
        String all = grants.toString();
        if (!all.contains("ALL PRIVILEGES ON *.*") && !all.contains("REPLICATION SLAVE")) {
            fatal("the user may not read the binary log", "GRANT REPLICATION SLAVE ON *.* TO the user");
        }
    }

    private void definitions() throws SQLException {
        SchemaReader reader = new SchemaReader(sql, tables.database(), tables);
        try {
            reader.schema(reader.shapes("check"));
        } catch (SQLException e) {
            fatal(
                    "the user may not see all definitions: " + e.getMessage(),
                    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON " + Identifiers.quote(tables.database())
                            + ".*, and SELECT ON mysql.proc, TO the user");
        }
    }

    private void each(String query, DatabaseRows.Use use) throws SQLException {
        DatabaseRows.each(sql, tables.database(), query, use);
    }

    private void tables() throws SQLException {
        each(
                "SELECT table_name, coalesce(engine, '') FROM information_schema.tables "
                        + "WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY table_name",
                row -> {
                    String table = row.getString(1);
                    if (tables.covers(table) && !row.getString(2).equalsIgnoreCase("InnoDB")) {
                        fatal(
                                "the table " + table + " is kept by " + row.getString(2)
                                        + ", which knows neither transactions nor consistent snapshots",
                                "ALTER TABLE " + table + " ENGINE = InnoDB, or --exclude " + table);
                    }
                });
        each(
                "SELECT table_name FROM information_schema.tables "
                        + "WHERE table_schema = ? AND table_type = 'SYSTEM VERSIONED' ORDER BY table_name",
                row -> {
                    if (tables.covers(row.getString(1))) {
                        fatal(
                                "the table " + row.getString(1)
                                        + " is system-versioned, and its history cannot be kept",
                                "--exclude " + row.getString(1) + ", or DROP SYSTEM VERSIONING");
                    }
                });
    }

    private void columns() throws SQLException {
        BiConsumer<String, String> problem = (column, type) -> fatal(
                "the column " + column + " of type " + type + " cannot be read from the binary log",
                "rebuild its table without it, with ALTER TABLE ... FORCE for old formats of times, or --exclude it");
        each(
                "SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = ? "
                        + "AND (column_type LIKE '%mariadb-5.3%' OR column_type LIKE '%COMPRESSED%' "
                        + "OR data_type IN ('vector', 'xmltype')) ORDER BY table_name, ordinal_position",
                row -> {
                    if (tables.covers(row.getString(1))) {
                        problem.accept(row.getString(1) + "." + row.getString(2), row.getString(3));
                    }
                });
    }

    /** What the database holds that is not captured. */
    List<String> standingWarnings() throws SQLException {
        List<String> warnings = new ArrayList<>();
        each(
                "SELECT DISTINCT constraint_name, table_name FROM information_schema.referential_constraints "
                        + "WHERE constraint_schema = ? AND (delete_rule IN ('CASCADE', 'SET NULL') "
                        + "OR update_rule IN ('CASCADE', 'SET NULL')) ORDER BY table_name, constraint_name",
                row -> {
                    if (tables.covers(row.getString(2))) {
                        warnings.add("the foreign key " + row.getString(1) + " of " + row.getString(2)
                                + " changes rows without the binary log; restores repeat what deletions did, and "
                                + "'verify --against-source' tells of the rows");
                    }
                });
        return warnings;
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.ingest.SourceCheck;
import io.tidemark.ingest.SourceCheck.Finding;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Looks whether a database can be captured. */
final class BinlogCheck {
    private final Connection sql;
    private final ServerDialect dialect;
    private final Tables tables;
    private final List<String> facts = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    BinlogCheck(Connection sql, ServerDialect dialect, Tables tables) {
        this.sql = sql;
        this.dialect = dialect;
        this.tables = tables;
    }

    SourceCheck run() throws SQLException {
        String version = value("SELECT version()");
        facts.add("server " + version);
        if (!dialect.isSupported(version)) {
            fatal("the server is " + version + ", which is not " + dialect.oldestServer(), "upgrade it");
            return new SourceCheck(facts, findings);
        }
        facts.add("database of "
                + value("SELECT coalesce(sum(data_length), 0) DIV 1048576 FROM information_schema.tables "
                        + "WHERE table_schema = DATABASE()")
                + " MiB in "
                + value("SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
                        + "AND table_type = 'BASE TABLE'")
                + " tables");
        for (ServerDialect.Setting setting : dialect.settings()) {
            require(setting);
        }
        names();
        logFilters();
        privileges();
        definitions();
        tables();
        columns();
        standingWarnings()
                .forEach(warning -> findings.add(new Finding(
                        false,
                        warning,
                        "nothing, if they need no backup; otherwise see 'MariaDB and MySQL' in the operations guide")));
        return new SourceCheck(facts, findings);
    }

    /**
     * Makes sure that a copy can begin.
     *
     * @throws TidemarkException of kind PERMANENT if something is in its way
     */
    static void requirePassed(Connection sql, ServerDialect dialect, Tables tables) throws SQLException {
        for (Finding finding : new BinlogCheck(sql, dialect, tables).run().findings()) {
            if (finding.fatal()) {
                throw TidemarkException.permanent(finding.problem() + "; " + finding.remedy());
            }
        }
    }

    private String value(String query) throws SQLException {
        return ServerConnections.value(sql, query).orElse("");
    }

    private void fatal(String problem, String remedy) {
        findings.add(new Finding(true, problem, remedy));
    }

    private void require(ServerDialect.Setting setting) throws SQLException {
        try (var statement = sql.prepareStatement("SHOW GLOBAL VARIABLES WHERE variable_name = ?")) {
            statement.setString(1, setting.name());
            try (ResultSet row = statement.executeQuery()) {
                boolean known = row.next();
                String is = known ? row.getString(2) : "not known";
                if (known ? !setting.accepted().contains(is.toUpperCase(Locale.ROOT)) : !setting.optional()) {
                    fatal(
                            setting.name() + " is " + (is.isEmpty() ? "empty" : is) + " and must be "
                                    + String.join(" or ", setting.accepted()),
                            setting.remedy());
                }
            }
        }
    }

    /** The log has the names that the server has. */
    private void names() throws SQLException {
        String name = value("SELECT DATABASE()");
        if (!name.equals(tables.database())) {
            fatal("the server's own name of the database " + tables.database() + " is " + name, "write it so");
        }
        if (value("SELECT @@lower_case_table_names").equals("2")) {
            fatal(
                    "lower_case_table_names is 2, so that tables have several names",
                    "keep the server's data on a file system that tells upper and lower case apart");
        }
    }

    /** A database that the server leaves out of its log would seem to stand still. */
    private void logFilters() throws SQLException {
        try (var statement = sql.createStatement();
                ResultSet row = statement.executeQuery(dialect.logStatus(sql))) {
            while (row.next()) {
                List<String> only = List.of(row.getString(3).split(",", -1));
                List<String> ignored = List.of(row.getString(4).split(",", -1));
                if ((!only.equals(List.of("")) && !only.contains(tables.database()))
                        || ignored.contains(tables.database())) {
                    fatal(
                            "the server leaves the database out of its binary log",
                            "take binlog_do_db and binlog_ignore_db out of the server's options");
                }
            }
        } catch (SQLException e) {
            fatal("the user may not see the binary log's end: " + e.getMessage(), dialect.grants());
        }
    }

    /** What cannot be seen from the privileges' names is tried. */
    private void privileges() throws SQLException {
        try {
            value("SHOW BINARY LOGS");
        } catch (SQLException e) {
            fatal("the user may not see the binary logs: " + e.getMessage(), dialect.grants());
        }
        StringBuilder grants = new StringBuilder();
        try (var statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.append(rows.getString(1).toUpperCase(Locale.ROOT)).append('\n');
            }
        }
        String all = grants.toString();
        for (String right : dialect.rights()) {
            boolean given = all.contains(right)
                    || all.contains("ALL PRIVILEGES ON *.*")
                    || (!right.startsWith("REPLICATION") && all.contains("ALL PRIVILEGES ON"));
            if (!given) {
                fatal("the user has no right of " + right, dialect.grants());
            }
        }
    }

    private void definitions() throws SQLException {
        SchemaReader reader = new SchemaReader(sql, dialect, tables);
        try {
            reader.schema(reader.shapes("check"));
        } catch (SQLException e) {
            fatal(
                    "the user may not see all definitions: " + e.getMessage(),
                    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON " + Identifiers.quote(tables.database()) + ".*, and "
                            + dialect.routineGrant() + ", TO the user");
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
        eachColumn(
                dialect.unreadableColumn(),
                column -> fatal(
                        "the column " + column + " cannot be read from the binary log",
                        "rebuild its table without it, with ALTER TABLE ... FORCE for old formats of times, or --exclude it"));
        eachColumn(
                dialect.roundedColumn(),
                column -> findings.add(new Finding(
                        false,
                        "numbers of 16 and more digits within the documents of " + column
                                + " are kept exactly, but the "
                                + "server's own reader of their text rounds some by their last bit when they are restored",
                        "nothing, if that does no harm; otherwise keep such numbers in columns")));
    }

    /** Names the columns under backup for which a condition is true, with their types. */
    private void eachColumn(String condition, Consumer<String> use) throws SQLException {
        each(
                "SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = ? "
                        + "AND (" + condition + ") ORDER BY table_name, ordinal_position",
                row -> {
                    if (tables.covers(row.getString(1))) {
                        use.accept(row.getString(1) + "." + row.getString(2) + " of type " + row.getString(3));
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
                                + " changes rows without the binary log; restores repeat what deletions did, and the "
                                + "table is read again whenever values change that it follows");
                    }
                });
        return warnings;
    }
}

package io.tidemark.ingest.mysql;

import io.debezium.antlr.AntlrDdlParser;
import io.debezium.connector.mariadb.antlr.MariaDbAntlrDdlParser;
import io.debezium.connector.mariadb.charset.MariaDbCharsetRegistry;
import io.debezium.ddl.parser.mariadb.generated.MariaDBLexer;
import io.debezium.ddl.parser.mariadb.generated.MariaDBParser;
import io.debezium.relational.Tables.TableFilter;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MariaDB, whose consistent snapshots know their place in the binary log. */
final class MariaDbDialect implements ServerDialect, DdlLanguage {
    private static final Logger LOG = LoggerFactory.getLogger(MariaDbDialect.class);
    private static final int PREPARED_POLLS = 100;
    private static final int PREPARED_POLL_MILLIS = 50;
    private static final int ATTEMPTS = 20;
    private static final int OLDEST_MAJOR = 10;
    private static final int OLDEST_MINOR = 5;

    @Override
    public String engine() {
        return Dialect.MARIADB.engine();
    }

    @Override
    public String oldestServer() {
        return "MariaDB 10.5 or newer";
    }

    @Override
    public boolean isSupported(String version) {
        String[] parts = version.split("[.-]", -1);
        int major = Integer.parseInt(parts[0]);
        int minor = Integer.parseInt(parts[1]);
        return version.toLowerCase(Locale.ROOT).contains("mariadb")
                && (major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR));
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                new Setting("log_bin", Set.of("ON"), "start the server with --log-bin", false),
                new Setting(
                        "binlog_format",
                        Set.of("ROW"),
                        "SET GLOBAL binlog_format = 'ROW', and in the server's options",
                        false),
                new Setting(
                        "binlog_row_image",
                        Set.of("FULL"),
                        "SET GLOBAL binlog_row_image = 'FULL', and in the server's options",
                        false),
                new Setting(
                        "binlog_row_metadata",
                        Set.of("FULL"),
                        "SET GLOBAL binlog_row_metadata = 'FULL', and in the server's options",
                        false),
                new Setting(
                        "log_bin_compress",
                        Set.of("OFF"),
                        "SET GLOBAL log_bin_compress = OFF, and in the server's options",
                        false),
                new Setting(
                        "binlog_alter_two_phase",
                        Set.of("OFF"),
                        "SET GLOBAL binlog_alter_two_phase = OFF, and in the server's options",
                        true),
                new Setting(
                        "mysql56_temporal_format",
                        Set.of("ON"),
                        "SET GLOBAL mysql56_temporal_format = ON, and rebuild the tables",
                        false));
    }

    @Override
    public List<String> rights() {
        return List.of("REPLICATION SLAVE");
    }

    @Override
    public String routineGrant() {
        return "SELECT ON mysql.proc";
    }

    @Override
    public String logStatus(Connection sql) {
        return "SHOW MASTER STATUS";
    }

    @Override
    public String grants() {
        return "GRANT BINLOG MONITOR, REPLICATION SLAVE ON *.* TO the user";
    }

    @Override
    public String unreadableColumn() {
        return "column_type LIKE '%mariadb-5.3%' OR column_type LIKE '%COMPRESSED%' "
                + "OR data_type IN ('vector', 'xmltype')";
    }

    @Override
    public String roundedColumn() {
        return "FALSE";
    }

    @Override
    public String defaultKind() {
        return "CASE WHEN column_default IS NULL OR column_default = 'NULL' THEN 'none' "
                + "WHEN column_default REGEXP '^-?[0-9.]+$' OR column_default LIKE '''%''' THEN 'constant' "
                + "ELSE 'computed' END";
    }

    @Override
    public String collations() {
        return "SELECT id, character_set_name FROM information_schema.collation_character_set_applicability "
                + "WHERE id IS NOT NULL";
    }

    /** Reading goes on by GTIDs, which a server that lacks them refuses. */
    @Override
    public String server(Connection sql) {
        return "";
    }

    @Override
    public DdlLanguage language() {
        return this;
    }

    @Override
    public AntlrDdlParser<?, ?> parser() {
        return new MariaDbAntlrDdlParser(true, false, false, TableFilter.includeAll(), new MariaDbCharsetRegistry());
    }

    @Override
    public ParserRuleContext tree(CharStream sql) {
        MariaDBLexer lexer = new MariaDBLexer(sql);
        MariaDBParser parser = new MariaDBParser(new CommonTokenStream(lexer));
        // Errors are told by the other reading of the same text.
        lexer.removeErrorListeners();
        parser.removeErrorListeners();
        return parser.root();
    }

    @Override
    public String jsonType() {
        return "longtext character set utf8mb4";
    }

    @Override
    public Class<? extends BinlogTask> task() {
        return MariaDbTask.class;
    }

    @Override
    public String sslMode(Optional<String> drivers) {
        return switch (drivers.orElse("disable")) {
            case "trust" -> "trust";
            case "verify-ca" -> "verify-ca";
            case "verify-full" -> "verify-full";
            default -> "disable";
        };
    }

    @Override
    public boolean beginsAmongPrepared() {
        return true;
    }

    @Override
    public ResumePlace beforePrepared(Connection sql) throws SQLException {
        BinlogPlace place = endOfLog(sql);
        ResumePlace resume = new ResumePlace(place, gtids(sql, place), "");
        // What is in the log already is told here a moment later.
        pause();
        Set<String> waitedFor = prepared(sql);
        for (int i = 0; i < PREPARED_POLLS && !waitedFor.isEmpty(); i++) {
            pause();
            waitedFor.retainAll(prepared(sql));
        }
        if (!waitedFor.isEmpty()) {
            LOG.warn(
                    "{} transactions are prepared and neither committed nor rolled back; once one of them is committed, the "
                            + "backup begins a new epoch. See XA RECOVER",
                    waitedFor.size());
        }
        return resume;
    }

    private static Set<String> prepared(Connection sql) throws SQLException {
        Set<String> ids = new HashSet<>();
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery("XA RECOVER FORMAT='SQL'")) {
            while (rows.next()) {
                ids.add(rows.getString("data"));
            }
        }
        return ids;
    }

    private static void pause() {
        try {
            Thread.sleep(PREPARED_POLL_MILLIS);
        } catch (InterruptedException e) {
            throw TidemarkException.transientFailure("waiting for prepared transactions was interrupted", e);
        }
    }

    /** Readers see the same if nothing was committed between their beginnings; otherwise one of them reads alone. */
    @Override
    public BinlogPlace begin(ServerConnections connections, List<Connection> readers, Collection<TableShape> tables)
            throws SQLException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            BinlogPlace place = begin(readers.get(0));
            boolean together = true;
            for (Connection reader : readers.subList(1, readers.size())) {
                together &= begin(reader).equals(place);
            }
            if (together) {
                return place;
            }
        }
        while (readers.size() > 1) {
            readers.remove(readers.size() - 1).close();
        }
        return begin(readers.get(0));
    }

    private static String gtids(Connection sql, BinlogPlace place) throws SQLException {
        return ServerConnections.value(sql, "SELECT BINLOG_GTID_POS(?, ?)", place.file(), place.position())
                .orElse("");
    }

    private static BinlogPlace begin(Connection reader) throws SQLException {
        SnapshotReaders.beginTransaction(reader);
        Map<String, String> status = new HashMap<>();
        try (Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
            while (rows.next()) {
                status.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2));
            }
        }
        String file = status.getOrDefault("binlog_snapshot_file", "");
        if (file.isEmpty()) {
            throw TidemarkException.permanent(
                    "the server does not tell the place of a snapshot in its binary log; is the binary log on?");
        }
        return new BinlogPlace(file, Long.parseLong(status.getOrDefault("binlog_snapshot_position", "0")));
    }
}

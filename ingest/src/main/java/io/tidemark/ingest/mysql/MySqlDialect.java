package io.tidemark.ingest.mysql;

import io.debezium.antlr.AntlrDdlParser;
import io.debezium.connector.mysql.antlr.MySqlAntlrDdlParser;
import io.debezium.connector.mysql.charset.MySqlCharsetRegistry;
import io.debezium.ddl.parser.mysql.generated.MySqlLexer;
import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.relational.Tables.TableFilter;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;

/** MySQL, whose log has microseconds, and whose snapshots know their place if nobody writes for a moment. */
final class MySqlDialect implements ServerDialect, DdlLanguage {
    private static final String PATIENCE = "SET lock_wait_timeout = 3";
    private static final int LOCK_WAIT_TIMEOUT = 1205;
    private static final int NO_SUCH_TABLE = 1146;
    private static final int OLDEST_PATCH = 11;

    @Override
    public String engine() {
        return Dialect.MYSQL.engine();
    }

    @Override
    public String oldestServer() {
        return "MySQL 8.0.11 or newer";
    }

    @Override
    public boolean isSupported(String version) {
        String[] parts = version.split("[.-]", -1);
        int major = Integer.parseInt(parts[0]);
        boolean isFirst = major == 8 && parts[1].equals("0");
        return !version.toLowerCase(Locale.ROOT).contains("mariadb")
                && (isFirst ? Integer.parseInt(parts[2]) >= OLDEST_PATCH : major >= 8);
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                new Setting("log_bin", Set.of("ON"), "start the server with --log-bin", false),
                new Setting("binlog_format", Set.of("ROW"), "SET PERSIST binlog_format = 'ROW'", true),
                new Setting("binlog_row_image", Set.of("FULL"), "SET PERSIST binlog_row_image = 'FULL'", false),
                new Setting("binlog_row_metadata", Set.of("FULL"), "SET PERSIST binlog_row_metadata = 'FULL'", false),
                new Setting("binlog_row_value_options", Set.of(""), "SET PERSIST binlog_row_value_options = ''", true),
                new Setting(
                        "binlog_transaction_compression",
                        Set.of("OFF"),
                        "SET PERSIST binlog_transaction_compression = OFF",
                        true));
    }

    @Override
    public List<String> rights() {
        return List.of("REPLICATION SLAVE", "LOCK TABLES");
    }

    @Override
    public String routineGrant() {
        return "SHOW_ROUTINE or SELECT ON *.*";
    }

    @Override
    public String grants() {
        return "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO the user, and LOCK TABLES on the database";
    }

    @Override
    public String unreadableColumn() {
        return "data_type = 'vector'";
    }

    @Override
    public String roundedColumn() {
        return "data_type = 'json'";
    }

    @Override
    public String defaultKind() {
        return "CASE WHEN column_default IS NULL THEN 'none' "
                + "WHEN extra LIKE '%DEFAULT_GENERATED%' OR (data_type IN ('timestamp', 'datetime') "
                + "AND column_default LIKE 'CURRENT_TIMESTAMP%') THEN 'computed' ELSE 'constant' END";
    }

    @Override
    public String collations() {
        return "SELECT id, character_set_name FROM information_schema.collations";
    }

    @Override
    public String server(Connection sql) throws SQLException {
        return ServerConnections.value(sql, "SELECT @@server_uuid").orElse("");
    }

    @Override
    public DdlLanguage language() {
        return this;
    }

    @Override
    public AntlrDdlParser<?, ?> parser() {
        return new MySqlAntlrDdlParser(true, false, false, TableFilter.includeAll(), new MySqlCharsetRegistry());
    }

    @Override
    public ParserRuleContext tree(CharStream sql) {
        MySqlLexer lexer = new MySqlLexer(sql);
        MySqlParser parser = new MySqlParser(new CommonTokenStream(lexer));
        // Errors are told by the other reading of the same text.
        lexer.removeErrorListeners();
        parser.removeErrorListeners();
        return parser.root();
    }

    @Override
    public String jsonType() {
        return "json";
    }

    @Override
    public Class<? extends BinlogTask> task() {
        return MySqlTask.class;
    }

    @Override
    public String sslMode(Optional<String> drivers) {
        return switch (drivers.orElse("disable")) {
            case "trust" -> "required";
            case "verify-ca" -> "verify_ca";
            case "verify-full" -> "verify_identity";
            default -> "disabled";
        };
    }

    /** Prepared transactions keep their tables from being locked. */
    @Override
    public boolean beginsAmongPrepared() {
        return false;
    }

    @Override
    public ResumePlace beforePrepared(Connection sql) throws SQLException {
        return new ResumePlace(endOfLog(sql), "", server(sql));
    }

    /**
     * While the tables are locked against writers, which takes as long as a few round trips, no transaction that touches
     * them is between the log and the tables: the log's end is what the readers see of them.
     */
    @Override
    public BinlogPlace begin(ServerConnections connections, List<Connection> readers, Collection<TableShape> tables)
            throws SQLException {
        try (Connection locks = connections.sql()) {
            ServerConnections.execute(locks, PATIENCE);
            lock(locks, tables);
            for (Connection reader : readers) {
                SnapshotReaders.beginTransaction(reader);
            }
            BinlogPlace place = endOfLog(readers.get(0));
            ServerConnections.execute(locks, "UNLOCK TABLES");
            return place;
        }
    }

    /**
     * A lock against writers stands back behind all of them, and never comes if some are always there; one against readers, too,
     * lets nobody pass it.
     */
    private static void lock(Connection locks, Collection<TableShape> tables) throws SQLException {
        if (!tables.isEmpty() && !lock(locks, tables, "READ") && !lock(locks, tables, "WRITE")) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT,
                    "the tables could not be locked for the moment in which a snapshot begins, because a long "
                            + "transaction uses them");
        }
    }

    private static boolean lock(Connection locks, Collection<TableShape> tables, String kind) throws SQLException {
        String list = tables.stream()
                .map(shape -> Identifiers.quote(shape.rows().collection()) + " " + kind)
                .collect(Collectors.joining(", "));
        try {
            ServerConnections.execute(locks, "LOCK TABLES " + list);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == LOCK_WAIT_TIMEOUT) {
                return false;
            }
            if (e.getErrorCode() == NO_SUCH_TABLE) {
                throw TidemarkException.transientFailure("a table was dropped while a snapshot began", e);
            }
            throw e;
        }
    }

    /** Newer servers have another word for it. */
    @Override
    public String logStatus(Connection sql) throws SQLException {
        String version = ServerConnections.value(sql, "SELECT version()").orElse("");
        return version.startsWith("8.0.") || version.startsWith("8.1.")
                ? "SHOW MASTER STATUS"
                : "SHOW BINARY LOG STATUS";
    }
}

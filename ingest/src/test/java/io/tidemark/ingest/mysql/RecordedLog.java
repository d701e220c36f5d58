package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.BinaryLogFileReader;
import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerConnections;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * A file of a real server's binary log, with the schema that it began with, what the server says of its collations, and what
 * its tables held in the end. The main method records it again.
 *
 * @param log the file's bytes
 * @param rows of each table in the end, their values with tabs between, sorted
 * @param states of the server behind each statement of the schema
 */
record RecordedLog(
        SourceSchema schema,
        Map<Integer, String> charsets,
        byte[] log,
        Map<CollectionName, List<String>> rows,
        List<State> states) {
    /**
     * What the server said of itself.
     *
     * @param end of its log
     */
    record State(BinlogPlace end, SourceSchema schema) {}

    /** What was done to the server. */
    enum Workload {
        /** Changes of rows. */
        ROWS,
        /** Changes of the schema, and of rows between them. */
        SCHEMA
    }

    static final String FILE = "binlog.000002";
    static final String DATABASE = "shop";

    private static final List<String> BEFORE = List.of(
            "CREATE TABLE keyed (id int PRIMARY KEY, v varchar(30), big longtext)",
            "CREATE TABLE pair (a int, b varchar(9) CHARACTER SET latin1, n decimal(10,3), PRIMARY KEY (b, a))",
            "CREATE TABLE bag (a int, b varchar(9))",
            "CREATE TABLE typed (id bigint unsigned PRIMARY KEY, d date, t datetime(6), e enum('x','y,z'), s set('a','b'), "
                    + "c char(5) CHARACTER SET latin1, z timestamp(3) NULL, y year, m time(2))",
            "CREATE DATABASE elsewhere",
            "CREATE TABLE elsewhere.t (id int PRIMARY KEY)",
            "FLUSH BINARY LOGS");

    private static final List<List<String>> WORKLOAD = List.of(
            List.of(
                    "INSERT INTO keyed VALUES (1, 'one', repeat('x', 3000)), (2, NULL, ''), (3, 'tab\\t nl\\n \\\\ é', NULL)"),
            List.of("UPDATE keyed SET v = 'uno' WHERE id = 1"),
            List.of("UPDATE keyed SET id = 10 WHERE id = 1"),
            List.of("DELETE FROM keyed WHERE id = 3"),
            List.of("INSERT INTO pair VALUES (1, 'é', 1.5), (2, 'b', -0.001), (2, 'a', NULL)"),
            List.of("UPDATE pair SET a = a + 10, n = n * 2 WHERE a = 2"),
            List.of("INSERT INTO bag VALUES (1, 'same'), (1, 'same'), (1, 'same'), (NULL, NULL)"),
            List.of("DELETE FROM bag WHERE a = 1 LIMIT 1"),
            List.of("UPDATE bag SET b = 'other' WHERE a = 1 LIMIT 1"),
            List.of(
                    "INSERT INTO typed VALUES (18446744073709551615, '2024-02-29', '1000-01-01 00:00:00.000001', 'y,z', 'a,b', 'ab', "
                            + "'2038-01-19 03:14:07.999', 1901, '-838:59:58.99'), (0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"),
            List.of("UPDATE typed SET e = 'x', s = '', c = 'é' WHERE id > 5"),
            List.of(
                    "BEGIN",
                    "INSERT INTO keyed VALUES (50, 'kept', '')",
                    "SAVEPOINT s",
                    "INSERT INTO keyed VALUES (51, 'not', '')",
                    "ROLLBACK TO SAVEPOINT s",
                    "INSERT INTO bag VALUES (7, 'too')",
                    "INSERT INTO elsewhere.t VALUES (1)",
                    "COMMIT"),
            List.of("BEGIN", "INSERT INTO keyed VALUES (60, 'never', '')", "ROLLBACK"),
            List.of("INSERT INTO elsewhere.t VALUES (2)"),
            List.of("USE elsewhere", "CREATE TABLE u (id int PRIMARY KEY)"),
            List.of(
                    "XA START 'a'",
                    "INSERT INTO keyed VALUES (70, 'in two steps', '')",
                    "UPDATE pair SET n = 7 WHERE a = 1",
                    "XA END 'a'",
                    "XA PREPARE 'a'"),
            List.of("INSERT INTO keyed VALUES (71, 'between', '')"),
            List.of("XA START 'b'", "INSERT INTO keyed VALUES (72, 'rolled back', '')", "XA END 'b'", "XA PREPARE 'b'"),
            List.of("XA ROLLBACK 'b'"),
            List.of("XA COMMIT 'a'"),
            List.of("UPDATE keyed SET v = concat(v, '!') WHERE id = 70"),
            List.of("REPLACE INTO keyed VALUES (2, 'replaced', 'b'), (90, 'new', NULL)"));

    private static final List<List<String>> STATEMENTS = List.of(
            List.of("INSERT INTO keyed VALUES (1, 'one', 'x'), (2, 'two', 'y')", "INSERT INTO bag VALUES (1, 'same')"),
            List.of("CREATE TABLE later (id int PRIMARY KEY, at datetime(3))"),
            List.of("INSERT INTO later VALUES (1, '2024-01-01 00:00:00.5')"),
            List.of("ALTER TABLE keyed ADD COLUMN note varchar(10)"),
            List.of("UPDATE keyed SET note = 'n' WHERE id = 1"),
            List.of("ALTER TABLE keyed ADD COLUMN points int NOT NULL DEFAULT 5 FIRST"),
            List.of("INSERT INTO keyed (id, v) VALUES (4, 'four')"),
            List.of("ALTER TABLE keyed RENAME COLUMN note TO remark"),
            List.of("ALTER TABLE keyed DROP COLUMN big"),
            List.of("UPDATE keyed SET remark = 'r' WHERE id = 4"),
            List.of("RENAME TABLE pair TO couple"),
            List.of("INSERT INTO couple VALUES (5, 'e', 5)"),
            List.of("TRUNCATE TABLE bag"),
            List.of("INSERT INTO bag VALUES (8, 'after')"),
            List.of("CREATE INDEX by_v ON keyed (v)"),
            List.of("CREATE VIEW names AS SELECT v FROM keyed"),
            List.of("DROP VIEW names"),
            List.of("DROP TABLE later"),
            List.of("CREATE TABLE later (name varchar(9))"),
            List.of("INSERT INTO later VALUES ('x')"));

    /** Columns of other character sets than the connection's are kept as bytes. */
    private static final Map<String, String> TABLES = Map.of(
            "keyed", "*",
            "pair", "a, concat('\\\\x', lower(hex(b))), n",
            "bag", "*",
            "typed", "id, d, t, e, s, concat('\\\\x', lower(hex(c))), cast(z AS char), y, m");

    private static String resource(SqlProduct product, Workload workload) {
        return product.scheme() + (workload == Workload.ROWS ? "-binlog.txt" : "-statements.txt");
    }

    /** Reads what was recorded of a server. */
    static RecordedLog load(SqlProduct product, Workload workload) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(RecordedLog.class.getResourceAsStream(resource(product, workload))),
                StandardCharsets.UTF_8))) {
            SourceSchema schema = null;
            byte[] log = {};
            Map<Integer, String> charsets = new HashMap<>();
            Map<CollectionName, List<String>> rows = new TreeMap<>();
            List<State> states = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "schema" -> schema = schema(words[1]);
                    case "state" -> states.add(new State(BinlogPlace.parse(words[1]), schema(words[2])));
                    case "charset" -> charsets.put(Integer.parseInt(words[1]), words[2]);
                    case "log" -> log = HexFormat.of().parseHex(words[1]);
                    case "row" ->
                        rows.computeIfAbsent(new CollectionName(DATABASE, words[1]), name -> new ArrayList<>())
                                .add(words[2]);
                    default -> throw new IllegalStateException("a line of another kind: " + line);
                }
            }
            return new RecordedLog(Objects.requireNonNull(schema), charsets, log, rows, states);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SourceSchema schema(String hex) {
        return Json.read(HexFormat.of().parseHex(hex), SourceSchema.class, "the recorded schema");
    }

    /** Where the file begins. */
    static ResumePoint beginning() {
        BinlogPlace place = new BinlogPlace(FILE, 4);
        return new ResumePoint(0, place.toString(), new ResumePlace(place, "", "").toString(), 0, true);
    }

    /**
     * A stream's tables that ask the recorded server.
     *
     * @param known the schema that they begin with
     * @param states what the server is like when it is asked for the n-th time, from 0
     */
    StreamTables tables(SqlProduct product, SourceSchema known, ChangeSink sink, IntFunction<State> states) {
        return new StreamTables(
                new RecordedFacts(product, this, states),
                dialect(product),
                CaptureNames.of("recorded"),
                new Tables(DATABASE, List.of(), false),
                sink,
                known);
    }

    /** The events in the file. */
    List<Event> events() throws IOException {
        List<Event> events = new ArrayList<>();
        try (BinaryLogFileReader reader =
                new BinaryLogFileReader(new ByteArrayInputStream(log), RawRows.deserializer())) {
            for (Event event = reader.readEvent(); event != null; event = reader.readEvent()) {
                events.add(event);
            }
        }
        return events;
    }

    static ServerDialect dialect(SqlProduct product) {
        return product == SqlProduct.MARIADB ? new MariaDbDialect() : new MySqlDialect();
    }

    /** Records the workloads with servers of their own, into the given directory. */
    public static void main(String... arguments) throws Exception {
        for (SqlProduct product : SqlProduct.values()) {
            for (Workload workload : Workload.values()) {
                Path directory = Directories.create("recorded");
                try (SqlServer server = SqlServer.start(product, directory.resolve("server"))) {
                    server.createDatabase(DATABASE);
                    server.execute(DATABASE, BEFORE.toArray(new String[0]));
                    Files.write(Path.of(arguments[0]).resolve(resource(product, workload)), record(server, workload));
                } finally {
                    Directories.delete(directory);
                }
            }
        }
    }

    private static List<String> record(SqlServer server, Workload workload) throws Exception {
        List<String> lines = new ArrayList<>();
        HexFormat hex = HexFormat.of();
        ServerDialect dialect = dialect(server.product());
        ServerConnections connections = new ServerConnections(server.url(DATABASE), Optional.empty());
        try (Connection sql = connections.sql()) {
            SchemaReader reader = new SchemaReader(sql, dialect, new Tables(DATABASE, List.of(), false));
            lines.add("schema " + hex.formatHex(Json.bytes(reader.schema(reader.shapes("copy")))));
            for (List<String> row : query(sql, dialect.collations())) {
                lines.add("charset " + row.get(0) + " " + io.tidemark.mysql.ColumnType.charset(row.get(1)));
            }
        }
        for (List<String> statements : workload == Workload.ROWS ? WORKLOAD : STATEMENTS) {
            server.execute(DATABASE, statements.toArray(new String[0]));
            if (workload == Workload.SCHEMA && statements.get(0).matches("(CREATE|ALTER|DROP|RENAME|TRUNCATE) .*")) {
                try (Connection sql = connections.sql()) {
                    SchemaReader reader = new SchemaReader(sql, dialect, new Tables(DATABASE, List.of(), false));
                    lines.add("state " + dialect.endOfLog(sql) + " "
                            + hex.formatHex(Json.bytes(reader.schema(reader.shapes("now")))));
                }
            }
        }
        server.execute(DATABASE, "FLUSH BINARY LOGS");
        lines.add("log " + hex.formatHex(Files.readAllBytes(server.log(FILE))));
        if (workload == Workload.SCHEMA) {
            return lines;
        }
        try (Connection sql = connections.sql()) {
            for (Map.Entry<String, String> columns : new TreeMap<>(TABLES).entrySet()) {
                String table = columns.getKey();
                query(sql, "SELECT " + columns.getValue() + " FROM " + table).stream()
                        .map(row -> "row " + table + " " + escaped(row))
                        .sorted()
                        .forEach(lines::add);
            }
        }
        return lines;
    }

    /** Values of a row with tabs between, in one line. */
    static String escaped(List<String> row) {
        return String.join(
                "\t",
                row.stream()
                        .map(value -> value.equals("\\N")
                                ? value
                                : value.replace("\\", "\\\\")
                                        .replace("\t", "\\t")
                                        .replace("\n", "\\n"))
                        .toList());
    }

    private static List<List<String>> query(Connection sql, String query) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "\\N" : value);
                }
                rows.add(row);
            }
        }
        return rows;
    }
}

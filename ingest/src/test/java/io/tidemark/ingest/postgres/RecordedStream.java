package io.tidemark.ingest.postgres;

import io.tidemark.ingest.SourceSettings;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.postgres.Lsn;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.postgresql.replication.PGReplicationStream;

/**
 * What a real server sent of a workload, byte by byte, with the schema that it began with, and what its tables held in the
 * end. The main method records it again.
 *
 * @param schema as of the first message
 * @param messages of pgoutput
 * @param rows of each table in the end, as {@code COPY} prints them
 */
record RecordedStream(SourceSchema schema, List<byte[]> messages, Map<CollectionName, List<String>> rows) {
    static final CaptureNames NAMES = CaptureNames.of("recorded");
    private static final String RESOURCE = "pgoutput.txt";
    private static final String END = "the workload is over";

    private static final List<String> BEFORE = List.of(
            "CREATE TABLE keyed (id int PRIMARY KEY, t text, big text)",
            "ALTER TABLE keyed ALTER big SET STORAGE EXTERNAL",
            "CREATE TABLE whole (a int PRIMARY KEY, t text, big text)",
            "ALTER TABLE whole ALTER big SET STORAGE EXTERNAL, REPLICA IDENTITY FULL",
            "CREATE TABLE bag (a int, t text)",
            "ALTER TABLE bag REPLICA IDENTITY FULL",
            "CREATE TABLE wide (k text PRIMARY KEY, v int)",
            "ALTER TABLE wide ALTER k SET STORAGE EXTERNAL",
            "CREATE TABLE gone (id int PRIMARY KEY)",
            "CREATE TABLE also (id int PRIMARY KEY)");

    private static final List<String> WORKLOAD = List.of(
            "INSERT INTO keyed VALUES (1, 'one', repeat('x', 3000)), (2, NULL, ''), (3, E'tab\\t nl\\n \\\\ é', NULL)",
            "UPDATE keyed SET t = 'uno' WHERE id = 1",
            "UPDATE keyed SET id = 10 WHERE id = 1",
            "UPDATE keyed SET id = 20, big = 'small' WHERE id = 2",
            "DELETE FROM keyed WHERE id = 3",
            "INSERT INTO whole VALUES (1, 'a', repeat('y', 3000)), (2, 'b', 'z')",
            "UPDATE whole SET t = 'changed'",
            "UPDATE whole SET a = a + 10 WHERE a = 1",
            "DELETE FROM whole WHERE a = 2",
            "INSERT INTO bag VALUES (1, 'same'), (1, 'same'), (1, 'same'), (NULL, NULL)",
            "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1)",
            "UPDATE bag SET t = 'other' WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1)",
            "INSERT INTO wide SELECT repeat(md5(i::text), 60), i FROM generate_series(1, 2) i",
            "UPDATE wide SET v = v + 100",
            "UPDATE wide SET k = left(k, 200) WHERE v = 101",
            "BEGIN; INSERT INTO keyed VALUES (50, 'kept', ''); SAVEPOINT s; INSERT INTO keyed VALUES (51, 'not', ''); "
                    + "ROLLBACK TO s; INSERT INTO bag VALUES (7, 'too'); COMMIT",
            "BEGIN; INSERT INTO keyed VALUES (60, 'never', ''); ROLLBACK",
            "SELECT pg_logical_emit_message(true, 'somebody', 'else')",
            "SELECT pg_logical_emit_message(false, 'tidemark.seal.recorded', 'outside of any transaction')",
            "SELECT pg_logical_emit_message(true, 'tidemark.heartbeat.recorded', '')",
            "SELECT pg_logical_emit_message(true, 'tidemark.heartbeat.recorded', '{\"public.s\": {\"last\": 7, \"called\": true}}')",
            "SELECT pg_logical_emit_message(true, 'tidemark.seal.recorded', 'seal-1')",
            "ALTER TABLE keyed ADD COLUMN n int DEFAULT 5",
            "UPDATE keyed SET n = 6 WHERE id = 10",
            "ALTER TABLE keyed RENAME COLUMN t TO label",
            "INSERT INTO keyed VALUES (70, 'renamed', 'b', 8)",
            "ALTER TABLE whole ALTER COLUMN a TYPE bigint",
            "UPDATE whole SET a = 1234567890123",
            "CREATE TABLE made (id int PRIMARY KEY, t text)",
            "INSERT INTO made SELECT g, 'm' || g FROM generate_series(1, 3) g",
            "INSERT INTO gone SELECT generate_series(1, 3)",
            "INSERT INTO also SELECT generate_series(1, 3)",
            "TRUNCATE gone, also",
            "INSERT INTO gone VALUES (9)",
            "DROP TABLE made",
            "SELECT pg_logical_emit_message(true, 'tidemark.seal.recorded', '" + END + "')");

    private static final List<String> TABLES = List.of("keyed", "whole", "bag", "wide", "gone", "also");

    /** Reads what was recorded. */
    static RecordedStream load() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(RecordedStream.class.getResourceAsStream(RESOURCE)), StandardCharsets.UTF_8))) {
            Optional<SourceSchema> schema = Optional.empty();
            List<byte[]> messages = new ArrayList<>();
            Map<CollectionName, List<String>> rows = new TreeMap<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", 3);
                switch (words[0]) {
                    case "schema" ->
                        schema = Optional.of(Json.read(
                                HexFormat.of().parseHex(words[1]), SourceSchema.class, "the recorded schema"));
                    case "message" -> messages.add(HexFormat.of().parseHex(words[2]));
                    case "row" ->
                        rows.computeIfAbsent(new CollectionName("public", words[1]), name -> new ArrayList<>())
                                .add(words[2]);
                    default -> throw new IllegalStateException("a line of another kind: " + line);
                }
            }
            return new RecordedStream(schema.orElseThrow(), messages, rows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Records the workload with a server of its own, into the given file. */
    public static void main(String... arguments) throws Exception {
        Path directory = Directories.create("recorded");
        try (PostgresServer server = PostgresServer.start(PostgresRelease.V18, directory.resolve("server"))) {
            server.createDatabase("recorded");
            server.execute("recorded", BEFORE.toArray(new String[0]));
            PostgresConnections connections =
                    new PostgresConnections("recorded", server.url("recorded"), Optional.empty());
            Files.write(Path.of(arguments[0]), record(server, connections));
        } finally {
            Directories.delete(directory);
        }
    }

    private static List<String> record(PostgresServer server, PostgresConnections connections) throws Exception {
        List<String> lines = new ArrayList<>();
        HexFormat hex = HexFormat.of();
        Lsn from;
        try (Connection sql = connections.sql();
                Connection replication = connections.replication()) {
            CaptureSchema.install(
                    sql,
                    NAMES,
                    new SourceSettings(
                            "recorded", server.url("recorded"), Optional.empty(), List.of(), 1, Optional.empty()));
            Publication.create(sql, NAMES, List.of());
            from = ReplicationSlot.create(replication, NAMES).consistentPoint();
            lines.add("schema " + hex.formatHex(Json.bytes(SchemaReader.read(sql, NAMES))));
        }
        for (String statement : WORKLOAD) {
            server.execute("recorded", statement);
        }
        try (Connection replication = connections.replication()) {
            PGReplicationStream stream = PostgresCapture.open(replication, NAMES, from);
            boolean[] over = new boolean[1];
            Await.until("the workload is recorded", Duration.ofMinutes(1), () -> {
                for (ByteBuffer message = stream.readPending(); message != null; message = stream.readPending()) {
                    byte[] bytes = new byte[message.remaining()];
                    message.get(bytes);
                    lines.add("message " + (char) bytes[0] + " " + hex.formatHex(bytes));
                    over[0] |= new String(bytes, StandardCharsets.UTF_8).contains(END);
                    if (over[0] && bytes[0] == 'C') {
                        return true;
                    }
                }
                return false;
            });
            stream.close();
        }
        try (Connection sql = connections.sql()) {
            for (String table : TABLES) {
                StringWriter rows = new StringWriter();
                PostgresConnections.unwrap(sql).getCopyAPI().copyOut("COPY public." + table + " TO STDOUT", rows);
                rows.toString().lines().sorted().forEach(row -> lines.add("row " + table + " " + row));
            }
        }
        return lines;
    }
}

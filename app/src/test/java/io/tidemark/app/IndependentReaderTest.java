package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.runtime.Service;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** docs/format.md is enough: a reader written from it in another language comes to the same rows. */
@Tag("full")
class IndependentReaderTest {
    private static final List<String> TABLES = List.of("bag", "keyed", "moved", "\"Odd name\"");

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");

    @Test
    void aReaderInPythonReadsWhatTheDatabaseHolds() throws Exception {
        for (String program : List.of("python3", "zstd")) {
            assumeTrue(isInstalled(program), program + " is not installed, and the reader needs it");
        }
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE keyed (id int PRIMARY KEY, t text, b bytea, f boolean, n numeric, big text)",
                "ALTER TABLE keyed ALTER big SET STORAGE EXTERNAL",
                "INSERT INTO keyed SELECT g, E'\\t\\\\ é' || g, decode('00ff', 'hex'), g % 2 = 0, g / 3.0, repeat('x', 3000 + g) FROM generate_series(1, 400) g",
                "CREATE TABLE bag (a int, t text)",
                "ALTER TABLE bag REPLICA IDENTITY FULL",
                "INSERT INTO bag SELECT g % 3, NULL FROM generate_series(1, 20) g",
                "CREATE TABLE moved (id text PRIMARY KEY, big text)",
                "ALTER TABLE moved ALTER big SET STORAGE EXTERNAL",
                "INSERT INTO moved SELECT 'k' || g, repeat('y', 5000 + g) FROM generate_series(1, 50) g",
                "CREATE TABLE \"Odd name\" (id bigint PRIMARY KEY)",
                "INSERT INTO \"Odd name\" VALUES (1), (2)");
        Installation tidemark = Installation.in(testbed).set("compaction.fan.in", "2");
        tidemark.set("key.file", "");
        tidemark.must("init", "--no-encryption");
        tidemark.must("source", "add", shop, server.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            change(server, 1);
            tidemark.must("create");
            change(server, 2);
            server.execute(shop, "TRUNCATE \"Odd name\"", "INSERT INTO \"Odd name\" VALUES (7)");
            tidemark.must("create", "--incremental");
            change(server, 3);
            server.execute(shop, "ALTER TABLE keyed ADD COLUMN late int DEFAULT 5", "ALTER TABLE keyed DROP COLUMN n");
            tidemark.must("create", "--incremental");
            change(server, 4);
        }

        assertThat(read(tidemark.repository())).isEqualTo(expected(server));
    }

    private void change(PostgresServer server, int round) throws Exception {
        server.execute(
                shop,
                "UPDATE keyed SET t = t || '" + round + "' WHERE id % 7 = " + round,
                "DELETE FROM keyed WHERE id % 50 = " + round,
                "UPDATE moved SET id = id || '-" + round + "' WHERE length(big) % 5 = " + round,
                "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag LIMIT 2)",
                "INSERT INTO bag VALUES (" + round + ", 'r')");
    }

    private List<String> read(Path repository) throws Exception {
        Path script = testbed.resolve("read_repository.py");
        try (var in = IndependentReaderTest.class.getResourceAsStream("/read_repository.py")) {
            Files.write(script, in.readAllBytes());
        }
        Path out = testbed.resolve("out");
        Process reader = new ProcessBuilder("python3", script.toString(), repository.toString(), shop)
                .redirectOutput(out.toFile())
                .redirectError(testbed.resolve("err").toFile())
                .start();
        assertThat(reader.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(reader.exitValue())
                .as(Files.readString(testbed.resolve("err")))
                .isZero();
        return Files.readAllLines(out, StandardCharsets.UTF_8).stream().sorted().toList();
    }

    private List<String> expected(PostgresServer server) throws Exception {
        List<String> lines = new ArrayList<>();
        for (String table : TABLES) {
            try (Connection sql = Connections.of(server, shop).sql()) {
                StringWriter rows = new StringWriter();
                PostgresConnections.unwrap(sql).getCopyAPI().copyOut("COPY public." + table + " TO STDOUT", rows);
                rows.toString().lines().forEach(line -> lines.add("public." + table.replace("\"", "") + "\t" + line));
            }
        }
        return lines.stream().sorted().toList();
    }

    private static boolean isInstalled(String program) {
        return java.util.Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program.toLowerCase(Locale.ROOT))));
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The levels of verify, and the proof that the repository holds what the live source holds. */
@Tag("full")
class VerificationTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String bank = Names.unique("bank");

    @Test
    void theRepositoryIsProvenEqualToADatabaseUnderLoad() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(bank);
        try (BankLoad load = new BankLoad(Connections.of(server, bank), Seed.value(), 4)) {
            load.createTables();
            server.execute(
                    bank,
                    "CREATE TABLE cold (id int PRIMARY KEY)",
                    "INSERT INTO cold SELECT generate_series(1, 50)",
                    "CREATE TABLE bag (a int, t text)",
                    "ALTER TABLE bag REPLICA IDENTITY FULL",
                    "INSERT INTO bag SELECT g % 3, 'x' FROM generate_series(1, 20) g");
            Installation tidemark = Installation.of(testbed, server, bank);
            load.start(4);
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(bank);
                assertThat(tidemark.must("verify", "--against-source").out()).contains("source equal");
                tidemark.must("create");
                server.execute(
                        bank,
                        "ALTER TABLE cold ADD COLUMN note text DEFAULT 'n'",
                        "DELETE FROM bag WHERE ctid IN (SELECT ctid FROM bag WHERE a = 1 LIMIT 2)");
                tidemark.must("verify", "--against-source");
                tidemark.must("create");
                tidemark.must("verify", "--against-source");
                assertThat(tidemark.must("status", "--format", "json").out())
                        .doesNotContain("\"proven_equal_at\" : \"-\"");

                load.close();
            }
            for (String level : new String[] {"catalog", "objects", "full"}) {
                tidemark.must("verify", "--level", level);
            }
            server.createDatabase("scratch");
            Outcome drill = tidemark.must("verify", "--level", "drill", "--target", server.url("scratch"));
            assertThat(drill.out()).contains("drill rows");
            assertThat(server.value(
                            "scratch", "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                    .isEqualTo("0");
        }
    }

    @Test
    void eachLevelFindsItsOwnDamage() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 3000) g");
        Installation tidemark = Installation.of(testbed, server, shop);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            tidemark.must("create");
        }
        Path part = part(tidemark.repository());
        byte[] good = Files.readAllBytes(part);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;

        Files.write(part, bad);
        assertThat(tidemark.run("verify", "--level", "catalog").exitCode()).isZero();
        assertThat(tidemark.run("verify", "--level", "objects").exitCode()).isZero();
        assertThat(tidemark.run("verify", "--level", "full").exitCode()).isEqualTo(3);

        Files.write(part, java.util.Arrays.copyOf(good, 100));
        Outcome truncated = tidemark.run("verify", "--level", "objects");
        assertThat(truncated.exitCode()).isEqualTo(3);
        assertThat(truncated.err())
                .contains("truncated")
                .contains(part.getFileName().toString());

        Files.delete(part);
        assertThat(tidemark.run("verify", "--level", "catalog").err()).contains("missing");
        Files.write(part, good);
        tidemark.must("verify");
        assertThat(tidemark.run("verify", "--level", "drill").exitCode()).isEqualTo(2);
    }

    private static Path part(Path repository) throws Exception {
        try (Stream<Path> files = Files.walk(repository)) {
            return files.filter(
                            f -> f.toString().endsWith(".part") && f.toString().contains("item"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}

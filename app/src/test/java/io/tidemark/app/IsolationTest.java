package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What fails for one source is said, tried again, and leaves the others alone. */
@Tag("full")
class IsolationTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String other = Names.unique("other");
    private final String restored = Names.unique("restored");

    private void createDatabase(PostgresServer server, String name) throws Exception {
        server.createDatabase(name);
        server.execute(name, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
    }

    private Installation twoSources(PostgresServer server) throws Exception {
        createDatabase(server, shop);
        createDatabase(server, other);
        Installation tidemark = Installation.of(testbed, server, shop);
        tidemark.must("source", "add", other, server.url(other));
        return tidemark;
    }

    /** Changes a database and sees the change in its backup. */
    private void mustBeBackedUp(Installation tidemark, PostgresServer server, String source, int row) throws Exception {
        server.execute(source, "INSERT INTO t VALUES (" + row + ")");
        tidemark.must("create", source, "--incremental", "--wait", "60");
        String into = restored + source + row;
        server.createDatabase(into);
        tidemark.must("restore", source, "--target", server.url(into));
        assertThat(server.value(into, "SELECT max(id) FROM t")).isEqualTo(Integer.toString(row));
    }

    private static void awaitStatus(Installation tidemark, int exitCode, String text) throws Exception {
        Outcome[] last = new Outcome[1];
        Await.until(() -> "status ends with " + exitCode + " and says '" + text + "': " + last[0], PATIENCE, () -> {
            Outcome outcome = tidemark.run("status");
            last[0] = outcome;
            return outcome.exitCode() == exitCode && (outcome.out() + outcome.err()).contains(text);
        });
    }

    @Test
    void aDatabaseThatIsGoneLeavesTheOthersAloneAndIsTakenUpWhenItIsBack() throws Exception {
        PostgresServer server = testbed.postgres();
        Installation tidemark = twoSources(server);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            tidemark.awaitCopy(other);
            awaitStatus(tidemark, 0, "ok");
        }
        server.execute("postgres", "ALTER DATABASE " + other + " RENAME TO " + other + "_old");
        try (Service service = tidemark.start()) {
            mustBeBackedUp(tidemark, server, shop, 2);
            awaitStatus(tidemark, 5, other + ": ingest fails: ");
            Outcome status = tidemark.run("status");
            assertThat(status.err())
                    .contains("database \"" + other + "\" does not exist")
                    .doesNotContain(shop + ":");

            server.execute("postgres", "ALTER DATABASE " + other + "_old RENAME TO " + other);
            mustBeBackedUp(tidemark, server, other, 2);
            awaitStatus(tidemark, 0, "ok");
            mustBeBackedUp(tidemark, server, shop, 3);
        }
        awaitStatus(tidemark, 5, "no 'tidemark run' captures it");
    }

    @Test
    void sourcesAreTakenUpChangedAndLetGoOfWhileItRuns() throws Exception {
        PostgresServer server = testbed.postgres();
        createDatabase(server, shop);
        createDatabase(server, other);
        server.execute("postgres", "CREATE ROLE " + other + " SUPERUSER LOGIN PASSWORD 'first'");
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        try (Service service = tidemark.start()) {
            assertThat(service.lacksSources()).isTrue();
            tidemark.must("source", "add", shop, server.url(shop));
            String url = server.url(other).replaceFirst("//.*@", "//" + other + ":first@");
            tidemark.must("source", "add", other, url);
            tidemark.awaitCopy(shop);
            tidemark.awaitCopy(other);

            Files.writeString(tidemark.data().resolve("sources").resolve("broken.json"), "{");
            mustBeBackedUp(tidemark, server, other, 2);
            server.execute(other, "INSERT INTO t VALUES (3)");
            tidemark.must("source", "remove", other);

            assertThat(server.value(
                            "postgres", "SELECT count(*) FROM pg_replication_slots WHERE database = '" + other + "'"))
                    .isEqualTo("0");
            String into = restored + "_last";
            server.createDatabase(into);
            tidemark.must("restore", other, "--target", server.url(into));
            assertThat(server.value(into, "SELECT max(id) FROM t")).isEqualTo("3");
            mustBeBackedUp(tidemark, server, shop, 2);
            assertThat(tidemark.run("status").out()).contains(shop).doesNotContain(other);
        }
    }

    /** A plan that cannot be read is never passed by; who planned it stands still, and nobody else. */
    @Test
    void aJobThatFailsIsTriedAgainUntilItCanGoOn() throws Exception {
        PostgresServer server = testbed.postgres();
        Installation tidemark = twoSources(server);
        KafkaSettings kafka = new KafkaSettings(tidemark.configuration().text(Key.KAFKA_BOOTSTRAP_SERVERS), Map.of());
        String commits = new Topics(other).commits();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            tidemark.awaitCopy(other);
            long offset;
            try (KafkaProducer<byte[], byte[]> producer = kafka.producer(Map.of())) {
                offset = producer.send(
                                new ProducerRecord<>(commits, other.getBytes(StandardCharsets.UTF_8), new byte[] {'{'}))
                        .get()
                        .offset();
            }
            awaitStatus(tidemark, 5, other + ": planner fails: ");
            mustBeBackedUp(tidemark, server, shop, 2);

            try (Admin admin = kafka.admin()) {
                admin.deleteRecords(Map.of(new TopicPartition(commits, 0), RecordsToDelete.beforeOffset(offset + 1)))
                        .all()
                        .get();
            }
            mustBeBackedUp(tidemark, server, other, 2);
            awaitStatus(tidemark, 0, "ok");
        }
    }

    @Test
    void aStopEndsInTimeThoughADatabaseHangs() throws Exception {
        PostgresServer server = testbed.postgres();
        PostgresServer hung = testbed.ownPostgres(PostgresRelease.V15, "hung");
        createDatabase(server, shop);
        createDatabase(hung, other);
        Installation tidemark = Installation.of(testbed, server, shop);
        tidemark.must("source", "add", other, hung.url(other));
        try (RoleProcess run = RoleProcess.command(tidemark, "256m", "run")) {
            tidemark.awaitCopy(shop);
            tidemark.awaitCopy(other);
            server.execute(shop, "INSERT INTO t VALUES (2)");
            hung.freeze();
            awaitStatus(tidemark, 5, other + ": the database does not answer in 5 s");

            long began = System.nanoTime();
            int exitCode = run.stop();

            assertThat(exitCode).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(60));
        } finally {
            hung.thaw();
        }
        server.createDatabase(restored);
        tidemark.must("restore", shop, "--target", server.url(restored));
        assertThat(server.value(restored, "SELECT max(id) FROM t")).isEqualTo("2");
    }
}

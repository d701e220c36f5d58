package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ConcurrentWriters;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.fixture.RandomChanges;
import io.tidemark.app.runtime.Service;
import io.tidemark.restorer.plan.Timeline;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever a schema holds and however it changes, every moment comes back as {@code pg_dump} printed it then. */
@Tag("full")
class SchemaChangesTest {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChangesTest.class);

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String database = Names.unique("source");
    private final String restored = Names.unique("restored");

    @Test
    void oneOfEverythingComesBack() throws Exception {
        Path everything = testbed.resolve("everything.sql");
        try (InputStream in = SchemaChangesTest.class.getResourceAsStream("everything.sql")) {
            Files.copy(in, everything);
        }
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        server.execute("postgres", "CREATE ROLE owner_role; CREATE ROLE reader_role; CREATE ROLE \"weird Role\"");
        server.execute(database, "CREATE TABLE first (id int PRIMARY KEY); INSERT INTO first VALUES (1)");
        Installation tidemark = Installation.of(testbed, server, database);
        List<PgDump.Moment> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(database);
            moments.add(PgDump.moment(server, database));
            server.run(database, everything);
            moments.add(PgDump.moment(server, database));
            tidemark.must("create");
            server.execute(database, "INSERT INTO sales.customer (name) VALUES ('late'); DROP SCHEMA sales CASCADE");
            moments.add(PgDump.moment(server, database));
            tidemark.must("create", "--incremental");
        }

        for (PgDump.Moment moment : moments) {
            assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", moment.lsn())
                            .difference(moment.dump()))
                    .isEmpty();
        }
        tidemark.must("verify");
    }

    @Test
    void tablesMadeLaterAreCapturedAndThoseLeftOutStayEmpty() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1)",
                "CREATE TABLE secret (id int); INSERT INTO secret VALUES (1)");
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        tidemark.must("source", "add", database, server.url(database), "--exclude", "secret");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(database);
            server.execute(
                    database,
                    "CREATE TABLE later AS SELECT g AS id FROM generate_series(1, 10) g",
                    "UPDATE later SET id = id + 100; DELETE FROM later WHERE id = 105",
                    "ALTER TABLE secret ADD COLUMN more int DEFAULT 3; UPDATE secret SET more = 4",
                    "ALTER TABLE later ADD PRIMARY KEY (id)");
            tidemark.must("create", "--incremental");
        }

        server.createDatabase(restored);
        String out = tidemark.must("restore", "--target", server.url(restored)).out();

        assertThat(out).contains("public.secret");
        assertThat(server.value(restored, "SELECT sum(id) FROM later")).isEqualTo("950");
        assertThat(server.value(restored, "SELECT count(more) FROM secret")).isEqualTo("0");
        assertThat(server.value(database, "SELECT relreplident FROM pg_class WHERE relname = 'later'"))
                .as("the identity it was given is taken back when it has a key")
                .isEqualTo("d");
    }

    @Test
    void everyMomentComesBackWhileOthersWrite() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        server.execute(
                database,
                "CREATE TYPE mood AS ENUM ('a', 'b', 'c')",
                "CREATE TABLE t (id bigserial PRIMARY KEY, m mood, v int DEFAULT 0, s text)",
                "CREATE TABLE bag (a int, b text); ALTER TABLE bag REPLICA IDENTITY FULL");
        Installation tidemark = Installation.of(testbed, server, database);
        List<PgDump.Moment> moments = new ArrayList<>();
        try (Service service = tidemark.start();
                ConcurrentWriters writers = new ConcurrentWriters(server, database, 3)) {
            tidemark.awaitCopy(database);
            for (int round = 0; round < 3; round++) {
                for (String change : List.of(
                        "ALTER TYPE mood RENAME VALUE '" + "abc".charAt(round) + "' TO 'renamed " + round + "'",
                        "ALTER TABLE t ALTER COLUMN v TYPE " + (round % 2 == 0 ? "bigint" : "int"),
                        "ALTER TABLE t ADD COLUMN c" + round + " int DEFAULT " + round,
                        "ALTER TABLE bag ADD COLUMN c" + round + " text DEFAULT 'd'",
                        "ALTER TABLE t DROP CONSTRAINT t_pkey",
                        "ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY (id)")) {
                    writers.awaitProgress();
                    server.execute(database, change);
                    moments.add(PgDump.moment(server, database));
                }
                tidemark.must("create", "--incremental");
            }
        }
        for (PgDump.Moment moment : moments) {
            assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", moment.lsn())
                            .withoutSequenceValues()
                            .difference(moment.dump().withoutSequenceValues()))
                    .isEmpty();
        }
    }

    @Test
    void everyMomentAmongRandomSchemaChangesComesBack() throws Exception {
        long seed = Seed.value();
        int transactions = Effort.times(90);
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(database);
        List<PgDump.Moment> moments = new ArrayList<>();
        List<String> histories = new ArrayList<>();
        try (Connection sql = Connections.of(server, database).sql()) {
            RandomChanges changes = new RandomChanges(sql, seed);
            Installation tidemark = Installation.of(testbed, server, database);
            for (int run = 0; run < 3; run++) {
                // What happens before the start is read by a capture that goes on where it stopped.
                int target = transactions * (run + 1) / 3;
                while (run > 0 && changes.committed() < target - transactions / 6) {
                    changes.step();
                }
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy(database);
                    while (changes.committed() < target) {
                        changes.step();
                        if (changes.committed() % 4 == 0) {
                            moments.add(PgDump.moment(server, database));
                            histories.add(changes.history());
                        }
                    }
                    moments.add(PgDump.moment(server, database));
                    histories.add(changes.history());
                    tidemark.must("create", run == 1 ? "--offline" : "--incremental");
                }
            }
            tidemark.await(
                    database,
                    Duration.ofSeconds(10),
                    history -> Timeline.of(history).ranges().size() == 1);
            LOG.info("seed {}: {} transactions, {} moments", seed, changes.committed(), moments.size());

            for (int i = 0; i < moments.size(); i++) {
                PgDump.Moment moment = moments.get(i);
                assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", moment.lsn())
                                .difference(moment.dump()))
                        .as(
                                "moment %d of %d, repeat with -Dtidemark.seed=%d; before it:\n%s\n",
                                i, moments.size(), seed, histories.get(i))
                        .isEmpty();
            }
        }
    }
}

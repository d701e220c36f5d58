package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.ConcurrentWriters;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.fixture.RandomChanges;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.restorer.plan.Timeline;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever a schema holds and however it changes, every moment comes back as {@code pg_dump} printed it then. */
class SchemaChangesTest {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChangesTest.class);

    @RegisterExtension
    final WorkDirectory work = new WorkDirectory("schema");

    @Test
    void oneOfEverythingComesBack() throws Exception {
        Path everything = work.resolve("everything.sql");
        try (InputStream in = SchemaChangesTest.class.getResourceAsStream("everything.sql")) {
            Files.copy(in, everything);
        }
        try (PostgresServer server = Backends.postgresWithTools(work.resolve("server"))) {
            server.createDatabase("source");
            server.execute("postgres", "CREATE ROLE owner_role; CREATE ROLE reader_role; CREATE ROLE \"weird Role\"");
            server.execute("source", "CREATE TABLE first (id int PRIMARY KEY); INSERT INTO first VALUES (1)");
            Installation tidemark = Installation.of(work.resolve("tidemark"), server, "source");
            List<PgDump.Moment> moments = new ArrayList<>();
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy("source");
                moments.add(PgDump.moment(server, "source"));
                server.run("source", everything);
                moments.add(PgDump.moment(server, "source"));
                tidemark.must("create");
                server.execute(
                        "source", "INSERT INTO sales.customer (name) VALUES ('late'); DROP SCHEMA sales CASCADE");
                moments.add(PgDump.moment(server, "source"));
                tidemark.must("create", "--incremental");
            }

            for (PgDump.Moment moment : moments) {
                assertThat(tidemark.restoreForPgDump(server, "restored", "--to-lsn", moment.lsn())
                                .difference(moment.dump()))
                        .isEmpty();
            }
            tidemark.must("verify");
        }
    }

    @Test
    void tablesMadeLaterAreCapturedAndThoseLeftOutStayEmpty() throws Exception {
        try (PostgresServer server = Backends.postgresWithTools(work.resolve("server"))) {
            server.createDatabase("source");
            server.execute(
                    "source",
                    "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1)",
                    "CREATE TABLE secret (id int); INSERT INTO secret VALUES (1)");
            Installation tidemark = new Installation(work.resolve("tidemark"));
            tidemark.must("init");
            tidemark.must("source", "add", "source", server.url("source"), "--exclude", "secret");
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy("source");
                server.execute(
                        "source",
                        "CREATE TABLE later AS SELECT g AS id FROM generate_series(1, 10) g",
                        "UPDATE later SET id = id + 100; DELETE FROM later WHERE id = 105",
                        "ALTER TABLE secret ADD COLUMN more int DEFAULT 3; UPDATE secret SET more = 4",
                        "ALTER TABLE later ADD PRIMARY KEY (id)");
                tidemark.must("create", "--incremental");
            }

            server.createDatabase("restored");
            String out =
                    tidemark.must("restore", "--target", server.url("restored")).out();

            assertThat(out).contains("public.secret");
            assertThat(server.value("restored", "SELECT sum(id) FROM later")).isEqualTo("950");
            assertThat(server.value("restored", "SELECT count(more) FROM secret"))
                    .isEqualTo("0");
            assertThat(server.value("source", "SELECT relreplident FROM pg_class WHERE relname = 'later'"))
                    .as("the identity it was given is taken back when it has a key")
                    .isEqualTo("d");
        }
    }

    @Test
    void everyMomentComesBackWhileOthersWrite() throws Exception {
        try (PostgresServer server = Backends.postgresWithTools(work.resolve("server"))) {
            server.createDatabase("source");
            server.execute(
                    "source",
                    "CREATE TYPE mood AS ENUM ('a', 'b', 'c')",
                    "CREATE TABLE t (id bigserial PRIMARY KEY, m mood, v int DEFAULT 0, s text)",
                    "CREATE TABLE bag (a int, b text); ALTER TABLE bag REPLICA IDENTITY FULL");
            Installation tidemark = Installation.of(work.resolve("tidemark"), server, "source");
            List<PgDump.Moment> moments = new ArrayList<>();
            try (Service service = tidemark.start();
                    ConcurrentWriters writers = new ConcurrentWriters(server, "source", 3)) {
                tidemark.awaitCopy("source");
                for (int round = 0; round < 3; round++) {
                    for (String change : List.of(
                            "ALTER TYPE mood RENAME VALUE '" + "abc".charAt(round) + "' TO 'renamed " + round + "'",
                            "ALTER TABLE t ALTER COLUMN v TYPE " + (round % 2 == 0 ? "bigint" : "int"),
                            "ALTER TABLE t ADD COLUMN c" + round + " int DEFAULT " + round,
                            "ALTER TABLE bag ADD COLUMN c" + round + " text DEFAULT 'd'",
                            "ALTER TABLE t DROP CONSTRAINT t_pkey",
                            "ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY (id)")) {
                        writers.awaitProgress();
                        server.execute("source", change);
                        moments.add(PgDump.moment(server, "source"));
                    }
                    tidemark.must("create", "--incremental");
                }
            }
            for (PgDump.Moment moment : moments) {
                assertThat(tidemark.restoreForPgDump(server, "restored", "--to-lsn", moment.lsn())
                                .withoutSequenceValues()
                                .difference(moment.dump().withoutSequenceValues()))
                        .isEmpty();
            }
        }
    }

    @Test
    void everyMomentAmongRandomSchemaChangesComesBack() throws Exception {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        int transactions = Integer.getInteger("tidemark.transactions", 150);
        try (PostgresServer server = Backends.postgresWithTools(work.resolve("server"))) {
            server.createDatabase("source");
            List<PgDump.Moment> moments = new ArrayList<>();
            List<String> histories = new ArrayList<>();
            try (Connection sql = server.connections("source").sql()) {
                RandomChanges changes = new RandomChanges(sql, seed);
                Installation tidemark = Installation.of(work.resolve("tidemark"), server, "source");
                for (int run = 0; run < 3; run++) {
                    // What happens before the start is read by a capture that goes on where it stopped.
                    int target = transactions * (run + 1) / 3;
                    while (run > 0 && changes.committed() < target - transactions / 6) {
                        changes.step();
                    }
                    try (Service service = tidemark.start()) {
                        tidemark.awaitCopy("source");
                        while (changes.committed() < target) {
                            changes.step();
                            if (changes.committed() % 4 == 0) {
                                moments.add(PgDump.moment(server, "source"));
                                histories.add(changes.history());
                            }
                        }
                        moments.add(PgDump.moment(server, "source"));
                        histories.add(changes.history());
                        tidemark.must("create", run == 1 ? "--offline" : "--incremental");
                    }
                }
                tidemark.await(
                        "source",
                        Duration.ofSeconds(10),
                        history -> Timeline.of(history).ranges().size() == 1);
                LOG.info("seed {}: {} transactions, {} moments", seed, changes.committed(), moments.size());

                for (int i = 0; i < moments.size(); i++) {
                    PgDump.Moment moment = moments.get(i);
                    assertThat(tidemark.restoreForPgDump(server, "restored", "--to-lsn", moment.lsn())
                                    .difference(moment.dump()))
                            .as(
                                    "moment %d of %d, repeat with -Dtidemark.seed=%d; before it:\n%s\n",
                                    i, moments.size(), seed, histories.get(i))
                            .isEmpty();
                }
            }
        }
    }
}

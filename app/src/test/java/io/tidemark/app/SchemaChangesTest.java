package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.fixture.RandomChanges;
import io.tidemark.app.runtime.Service;
import io.tidemark.restorer.plan.Timeline;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever a schema holds and however it changes, every moment comes back as {@code pg_dump} printed it then. */
class SchemaChangesTest {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaChangesTest.class);

    private Path work = Path.of("");

    @BeforeEach
    void makeWorkDirectory() throws Exception {
        work = Backends.workDirectory("schema");
    }

    @AfterEach
    void deleteWorkDirectory() throws Exception {
        Backends.delete(work);
    }

    private PostgresServer server() throws Exception {
        Optional<PostgresServer> server = Backends.installedPostgres(work.resolve("server"));
        assumeTrue(server.isPresent(), "pg_dump comes with an installed PostgreSQL 15, and there is none");
        return server.get();
    }

    private Installation tidemark(PostgresServer server) {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        tidemark.must("source", "add", "source", server.url("source"));
        return tidemark;
    }

    @Test
    void oneOfEverythingComesBack() throws Exception {
        Path everything = work.resolve("everything.sql");
        try (InputStream in = SchemaChangesTest.class.getResourceAsStream("everything.sql")) {
            Files.copy(in, everything);
        }
        try (PostgresServer server = server()) {
            server.createDatabase("source");
            server.execute("postgres", "CREATE ROLE owner_role; CREATE ROLE reader_role; CREATE ROLE \"weird Role\"");
            server.execute("source", "CREATE TABLE first (id int PRIMARY KEY); INSERT INTO first VALUES (1)");
            Installation tidemark = tidemark(server);
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
    void everyMomentAmongRandomSchemaChangesComesBack() throws Exception {
        long seed = Long.getLong("tidemark.seed", System.nanoTime());
        int transactions = Integer.getInteger("tidemark.transactions", 150);
        try (PostgresServer server = server()) {
            server.createDatabase("source");
            List<PgDump.Moment> moments = new ArrayList<>();
            List<String> histories = new ArrayList<>();
            try (Connection sql = server.connections("source").sql()) {
                RandomChanges changes = new RandomChanges(sql, seed);
                Installation tidemark = tidemark(server);
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

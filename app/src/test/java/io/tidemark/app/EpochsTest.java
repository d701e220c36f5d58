package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.postgres.Queries;
import io.tidemark.restorer.plan.Timeline;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When the stream breaks, a new epoch begins; what was before stays restorable and what is between is a named gap. */
@Tag("full")
class EpochsTest {
    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    private void addSource(Installation tidemark, PostgresServer server) throws Exception {
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)");
        tidemark.withSource(shop, server.url(shop));
    }

    @Test
    void aLostSlotAndALostKafkaEachBeginANewEpochAndTheGapIsNamed() throws Exception {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        PostgresServer server = testbed.postgres();
        addSource(tidemark, server);
        DatabaseDump first;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            server.execute(shop, "INSERT INTO item VALUES (2)");
            tidemark.must("create", "--incremental");
            first = tidemark.dump(server, shop);
        }
        String until = tidemark.must("timeline", "--format", "json").out();

        server.execute(shop, "SELECT pg_drop_replication_slot('tidemark_" + shop + "')", "INSERT INTO item VALUES (3)");
        Instant lost = Instant.now();
        try (Service service = tidemark.start()) {
            tidemark.await(
                    shop, Duration.ofMinutes(1), h -> Timeline.of(h).ranges().size() == 2);
        }
        Directories.delete(tidemark.data().resolve("kafka"));
        Directories.delete(tidemark.data().resolve("streams"));
        try (Service service = tidemark.start()) {
            tidemark.await(
                    shop, Duration.ofMinutes(1), h -> Timeline.of(h).ranges().size() == 3);
            server.execute(shop, "INSERT INTO item VALUES (4)");
            tidemark.must("create");
        }

        assertThat(until).doesNotContain("gap");
        assertThat(tidemark.must("timeline").out()).contains("gap");
        server.createDatabase(restored);
        Outcome outcome = tidemark.run("restore", "--target", server.url(restored), "--to", lost.toString());
        assertThat(outcome.exitCode()).isEqualTo(4);
        assertThat(outcome.err()).contains("gap").contains("nearest moments");
        DatabaseDump latest = tidemark.restore(server, restored);
        assertThat(server.value(restored, "SELECT count(*) FROM item")).isEqualTo("4");
        assertThat(latest.rows()).isEqualTo(4);
        String position =
                Timeline.of(history(tidemark)).ranges().get(0).last().at().toString();
        assertThat(first.difference(tidemark.restore(server, "shop_first", "--to-position", position)))
                .isEmpty();
    }

    private io.tidemark.repository.catalog.SourceHistory history(Installation tidemark) throws Exception {
        try (var repository = io.tidemark.app.runtime.Repositories.open(tidemark.configuration())) {
            return io.tidemark.repository.catalog.Catalog.load(repository, java.time.Clock.systemUTC())
                    .history(shop);
        }
    }

    /** Else the new repository would get changes without the rows that they change. */
    @Test
    void aNewRepositoryUnderAnOldChangeLogBeginsWithACopy() throws Exception {
        Installation tidemark = Installation.in(testbed);
        PostgresServer server = testbed.postgres();
        addSource(tidemark, server);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        tidemark.set("repository", "file:" + testbed.resolve("another"));
        tidemark.set("key.file", testbed.resolve("another.key").toString());
        tidemark.must("init");
        Outcome refused = tidemark.run("source", "add", shop, server.url(shop));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("for repository ").contains("--take-over");
        tidemark.must("source", "add", shop, server.url(shop), "--take-over");
        server.execute(shop, "INSERT INTO item VALUES (2)");
        try (Service service = tidemark.start()) {
            tidemark.awaitEpoch(shop, 1);
            server.execute(shop, "INSERT INTO item VALUES (3)");
            tidemark.must("create", "--wait", "60");
        }
        try (Service service = tidemark.start()) {
            server.execute(shop, "INSERT INTO item VALUES (4)");
            tidemark.must("create", "--incremental", "--wait", "60");
        }

        assertThat(history(tidemark).reason(1)).isEqualTo("the change log belongs to another repository");
        assertThat(tidemark.must("timeline").out()).doesNotContain("gap");
        assertThat(tidemark.restore(server, restored).rows()).isEqualTo(4);
        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    @Test
    void anIdleDatabaseIsRestorableAtMomentsAfterItsLastCommit() throws Exception {
        Installation tidemark = Installation.in(testbed);
        PostgresServer server = testbed.postgres();
        addSource(tidemark, server);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            Instant idle = Instant.now().plusSeconds(2);
            tidemark.await(
                    shop,
                    Duration.ofMinutes(1),
                    h -> Timeline.of(h).ranges().get(0).until().isAfter(idle));

            assertThat(tidemark.restore(server, restored, "--to", idle.toString())
                            .rows())
                    .isEqualTo(1);
        }
    }

    /** What an unfinished transaction leaves in the log comes behind everything that was captured. */
    @Test
    void aServerThatStopsIsNotHeldUpAndNothingIsLost() throws Exception {
        Installation tidemark = Installation.in(testbed);
        PostgresServer server = testbed.ownPostgres(PostgresRelease.V18, "source");
        addSource(tidemark, server);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (int i = 2; i < 5; i++) {
                server.execute(shop, "INSERT INTO item VALUES (" + i + ")");
                try (Connection unfinished = Connections.of(server, shop).sql()) {
                    unfinished.setAutoCommit(false);
                    Queries.execute(unfinished, "INSERT INTO public.item VALUES (0)");
                    server.restartOrderly();
                }
            }
            tidemark.must("create", "--incremental");
            tidemark.await(
                    shop, Duration.ofMinutes(1), h -> Timeline.of(h).ranges().size() == 1);
        }

        assertThat(tidemark.restore(server, restored).rows()).isEqualTo(4);
    }
}

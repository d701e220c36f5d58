package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.restorer.plan.Timeline;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Where a source's changes cannot be followed any further, a new epoch begins with a fresh copy, its reason is told, and
 * everything before stays restorable.
 */
@Tag("full")
class LostStreamsTest {
    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    private PostgresServer server;
    private Installation tidemark;
    private PgDump.Moment before;

    @BeforeEach
    void startServer() throws Exception {
        server = testbed.ownPostgres(PostgresRelease.V15, "server");
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 100) g");
        tidemark = Installation.in(testbed);
        tidemark.must("init");
    }

    private void captureSomething() throws Exception {
        tidemark.awaitCopy(shop);
        server.execute(shop, "UPDATE item SET name = 'changed' WHERE id < 10");
        before = PgDump.moment(server, shop);
        tidemark.must("create", "--incremental");
    }

    private void awaitEpochs(int epochs) throws Exception {
        tidemark.await(shop, Duration.ofMinutes(1), h -> Timeline.of(h).ranges().size() == epochs);
    }

    private void bothSidesComeBack() throws Exception {
        bothSides("INSERT INTO item (id, name) SELECT max(id) + 1, 'after' FROM item");
    }

    private void bothSides(String change) throws Exception {
        server.execute(shop, change);
        PgDump.Moment after = PgDump.moment(server, shop);
        tidemark.must("create", "--incremental");
        assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", before.lsn())
                        .difference(before.dump()))
                .isEmpty();
        assertThat(tidemark.restoreForPgDump(server, restored).difference(after.dump()))
                .isEmpty();
    }

    @Test
    void theServerRemovedLogThatWasStillNeeded() throws Exception {
        tidemark.must("source", "add", shop, server.url(shop));
        try (Service service = tidemark.start()) {
            captureSomething();
        }
        server.execute(shop, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()");
        for (int i = 0; i < 6; i++) {
            server.execute(
                    shop,
                    "UPDATE item SET name = repeat(md5(random()::text), 1000)",
                    "SELECT pg_switch_wal()",
                    "CHECKPOINT");
        }
        assertThat(server.value(shop, "SELECT wal_status FROM pg_replication_slots"))
                .isEqualTo("lost");
        Outcome dead = tidemark.run("status");
        assertThat(dead.exitCode()).isEqualTo(5);
        assertThat(dead.out()).contains(shop).contains("no 'tidemark run' captures it");
        try (Service service = tidemark.start()) {
            awaitEpochs(2);
            assertThat(tidemark.must("timeline").out()).contains("max_slot_wal_keep_size");
            bothSidesComeBack();
        }
    }

    @Test
    void thePublicationWasAlteredOrDropped() throws Exception {
        tidemark.must("source", "add", shop, server.url(shop));
        try (Service service = tidemark.start()) {
            captureSomething();
            server.execute(
                    shop,
                    "ALTER PUBLICATION tidemark_" + shop + " SET (publish = 'insert')",
                    "DELETE FROM item WHERE id = 1");
            awaitEpochs(2);
            server.execute(shop, "DROP PUBLICATION tidemark_" + shop + "", "DELETE FROM item WHERE id = 2");
            awaitEpochs(3);
            bothSidesComeBack();
        }
    }

    @Test
    void theCapturesOwnObjectsWereTamperedWith() throws Exception {
        tidemark.must("source", "add", shop, server.url(shop));
        try (Service service = tidemark.start()) {
            captureSomething();
            server.execute(shop, "ALTER FUNCTION tidemark_" + shop + ".tables RENAME TO nothing");
            server.execute(shop, "ALTER TABLE item ADD COLUMN price int DEFAULT 7");
            assertThat(server.value(shop, "SELECT sum(price) FROM item")).isEqualTo("700");
            awaitEpochs(2);
            server.execute(
                    shop, "DROP SCHEMA tidemark_" + shop + " CASCADE", "ALTER TABLE item ALTER COLUMN id TYPE bigint");
            awaitEpochs(3);
            bothSidesComeBack();
        }
        server.execute(
                shop,
                "ALTER EVENT TRIGGER tidemark_" + shop + "_change DISABLE",
                "ALTER TABLE item ADD COLUMN more float8 DEFAULT random()");
        try (Service service = tidemark.start()) {
            awaitEpochs(4);
            bothSidesComeBack();
        }
    }

    @Test
    void aStandbyWasPromotedThatHadNotReceivedEverything() throws Exception {
        tidemark.must("source", "add", shop, server.url(shop));
        try (Service service = tidemark.start()) {
            captureSomething();
        }
        server.fork();
        try (Service service = tidemark.start()) {
            server.execute(shop, "INSERT INTO item VALUES (500, 'never reached the standby')");
            tidemark.must("create", "--incremental");
        }
        server.promoteFork();
        server.execute(shop, "INSERT INTO item SELECT g, repeat('x', 2000) FROM generate_series(600, 900) g");
        try (Service service = tidemark.start()) {
            awaitEpochs(2);
            assertThat(tidemark.must("timeline").out()).contains("promoted without the last transactions");
            bothSidesComeBack();
        }
    }

    @Test
    void aRoleThatMayMakeNoEventTriggersIsFollowedAsFarAsCanBe() throws Exception {
        server.execute(
                shop,
                "CREATE ROLE backup LOGIN REPLICATION",
                "CREATE TYPE mood AS ENUM ('sad', 'fine'); ALTER TYPE mood OWNER TO backup",
                "ALTER TABLE item ADD COLUMN m mood DEFAULT 'fine'; ALTER TABLE item OWNER TO backup",
                "GRANT CREATE ON DATABASE " + shop + " TO backup");
        tidemark.must("source", "add", shop, server.url(shop).replace("postgres@", "backup@"));
        try (Service service = tidemark.start()) {
            captureSomething();
            server.execute(
                    shop,
                    "ALTER TABLE item ADD COLUMN price int DEFAULT 7",
                    "ALTER TABLE item RENAME COLUMN name TO label",
                    "INSERT INTO item (id, label, price) VALUES (2000, 'new', 8)");
            PgDump.Moment renamed = PgDump.moment(server, shop);
            tidemark.must("create", "--incremental");
            assertThat(tidemark.restoreForPgDump(server, restored, "--to-lsn", renamed.lsn())
                            .difference(renamed.dump()))
                    .isEmpty();
            server.execute(
                    shop,
                    "ALTER TABLE item ALTER COLUMN id TYPE text",
                    "INSERT INTO item (id, label, price) VALUES ('t', 'new', 8)");
            awaitEpochs(2);
            server.execute(shop, "ALTER TYPE mood RENAME VALUE 'fine' TO 'good'");
            awaitEpochs(3);
            server.execute(shop, "CREATE TABLE unseen (id int PRIMARY KEY)");
            assertThat(tidemark.run("status").out()).contains("unseen");
            Outcome proof = tidemark.run("verify", "--against-source");
            assertThat(proof.exitCode()).isEqualTo(3);
            assertThat(proof.err()).contains("public.unseen is in the source and is not captured");
            server.execute(shop, "DROP TABLE unseen");
            bothSides("INSERT INTO item (id, label, price) VALUES ('u', 'after', 9)");
        }
    }

    @Test
    void aTableThatWasMadeUnseenIsCapturedFromTheNextCopyOn() throws Exception {
        server.execute(shop, "CREATE TABLE left_out (id int PRIMARY KEY)");
        tidemark.must("source", "add", shop, server.url(shop), "--exclude", "left_out");
        try (Service service = tidemark.start()) {
            captureSomething();
            server.execute(
                    shop,
                    "DROP EVENT TRIGGER tidemark_" + shop + "_change",
                    "CREATE TABLE made (id int PRIMARY KEY)",
                    "INSERT INTO made VALUES (1)");
            awaitEpochs(2);
            server.execute(shop, "INSERT INTO made VALUES (2)");
            tidemark.must("create", "--incremental");
            tidemark.must("verify", "--against-source");
            server.createDatabase(restored);
            tidemark.must("restore", "--target", server.url(restored));
            assertThat(server.value(restored, "SELECT count(*) FROM made")).isEqualTo("2");
        }
    }
}

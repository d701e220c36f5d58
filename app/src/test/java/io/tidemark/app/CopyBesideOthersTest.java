package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.postgres.Queries;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** While the tables are copied, nobody waits for the copy; what is changed under it is not lost and not mixed up. */
@Tag("full")
class CopyBesideOthersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    /** {@code big} is the largest and so the last table. */
    @BeforeEach
    void createDatabase() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE small (id int PRIMARY KEY, a text)",
                "CREATE TABLE middle (id int PRIMARY KEY, a text, b text)",
                "CREATE TABLE other (id int PRIMARY KEY, a text, b text)",
                "CREATE TABLE big (id int PRIMARY KEY, a text, at timestamp)",
                "INSERT INTO small SELECT i, 'small' || i FROM generate_series(1, 10) i",
                "INSERT INTO middle SELECT i, 'middle' || i, 'b' FROM generate_series(1, 500) i",
                "INSERT INTO other SELECT i, 'other' || i, 'c' FROM generate_series(1, 500) i",
                "INSERT INTO big SELECT i, repeat('big', 200), '2026-01-01' FROM generate_series(1, 80000) i",
                "VACUUM ANALYZE");
    }

    /** Takes a table for itself as soon as the copy has its snapshot; the reading of definitions comes before that of rows. */
    private Connection holding(PostgresServer server, String table) throws Exception {
        Await.until(
                "the copy begins",
                PATIENCE,
                () -> server.value(
                                shop,
                                "SELECT count(*) FROM pg_replication_slots WHERE database = '" + shop
                                        + "' AND confirmed_flush_lsn IS NOT NULL")
                        .equals("1"));
        Connection other = Connections.of(server, shop).sql();
        other.setAutoCommit(false);
        Queries.execute(other, "SET search_path = public");
        Queries.execute(other, "LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        return other;
    }

    private void awaitCopyAt(PostgresServer server, String table) throws Exception {
        Await.until(
                "the copy comes to " + table,
                PATIENCE,
                () -> server.value(
                                shop,
                                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'public." + table
                                        + "'::regclass AND mode = 'AccessShareLock'")
                        .equals("1"));
    }

    private void mustEqual(PostgresServer server, Installation tidemark) throws Exception {
        tidemark.must("create", "--incremental", "--wait", "60");
        PgDump source = PgDump.of(server, shop);
        assertThat(source.difference(tidemark.restoreForPgDump(server, restored)))
                .isEmpty();
        tidemark.must("verify", "--against-source");
    }

    @Test
    void nobodyWaitsWhileTheCopyIsHeldUp() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        Installation tidemark = Installation.of(testbed, server, shop).set("copy.readers", "1");
        try (Service service = tidemark.start();
                Connection holder = holding(server, "big")) {
            awaitCopyAt(server, "big");
            server.execute(
                    shop,
                    "SET lock_timeout = '3s'",
                    "ALTER TABLE small ADD COLUMN x int",
                    "UPDATE small SET x = id",
                    "TRUNCATE other",
                    "DROP TABLE middle",
                    "ALTER TABLE small ALTER COLUMN id TYPE bigint");
            assertThat(server.value(shop, "SELECT sum(x) FROM small")).isEqualTo("55");
            holder.rollback();
            tidemark.awaitCopy(shop);
            mustEqual(server, tidemark);
            assertThat(tidemark.must("timeline").out()).doesNotContain("gap");
        }
    }

    /** A snapshot sees an empty table after others truncated or rewrote it, and columns by the names that they have now. */
    @Test
    void whatIsChangedBeforeItIsReadIsCopiedAgain() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        Installation tidemark = Installation.of(testbed, server, shop).set("copy.readers", "1");
        for (List<String> changes : List.of(
                List.of("ALTER TABLE big ALTER COLUMN id TYPE bigint"),
                List.of("TRUNCATE big", "INSERT INTO big VALUES (1, 'only', '2026-02-02')"),
                List.of("ALTER TABLE big RENAME TO old_big", "ALTER TABLE other RENAME TO big"),
                List.of("ALTER TABLE old_big RENAME a TO c", "ALTER TABLE old_big ADD a text DEFAULT 'new'"))) {
            String table =
                    server.value(shop, "SELECT CASE WHEN to_regclass('old_big') IS NULL THEN 'big' ELSE 'old_big' END");
            server.execute(
                    shop,
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '" + shop
                            + "' AND NOT active");
            try (Service service = tidemark.start();
                    Connection holder = holding(server, table)) {
                awaitCopyAt(server, table);
                for (String change : changes) {
                    Queries.execute(holder, change);
                }
                holder.commit();
                mustEqual(server, tidemark);
            }
            server.execute("postgres", "DROP DATABASE " + restored);
        }
    }
}

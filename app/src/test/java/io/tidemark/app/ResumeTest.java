package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.PgDump;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A restore that is killed again and again, and goes on each time where it was. */
@Tag("full")
class ResumeTest {
    private static final int TABLES = 25;

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @Test
    void aKilledRestoreGoesOnWhereItWas() throws Exception {
        Random random = Seed.random();
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(shop);
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < TABLES; i++) {
            statements.add("CREATE TABLE t" + i + " (id serial PRIMARY KEY, v text, r int"
                    + (i > 0 ? " REFERENCES t" + (i - 1) : "") + ")");
            statements.add("CREATE INDEX ON t" + i + " (v)");
            statements.add("CREATE VIEW v" + i + " AS SELECT count(*) FROM t" + i);
            statements.add("INSERT INTO t" + i + " (v, r) SELECT md5(i::text), i FROM generate_series(1, 400) i");
        }
        server.execute(shop, statements.toArray(new String[0]));
        Installation tidemark = Installation.of(testbed, server, shop);
        tidemark.set("restore.jobs", "3");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        server.createDatabase(restored);
        String target = server.url(restored);
        Outcome nothingToResume = tidemark.run("restore", "--target", target, "--resume");
        assertThat(nothingToResume.exitCode()).isEqualTo(4);
        assertThat(nothingToResume.err()).contains("begin anew");

        int kills = 0;
        int steps = 1;
        while (true) {
            steps += 1 + random.nextInt(2 * TABLES);
            List<String> command = new ArrayList<>(List.of("restore", "--target", target));
            if (kills > 0) {
                command.add("--resume");
            }
            try (RoleProcess restore = RoleProcess.command(tidemark, "256m", command.toArray(new String[0]))) {
                int enough = steps;
                Await.until(
                        "the restore comes so far",
                        Duration.ofMinutes(2),
                        () -> !restore.isAlive() || tidemark.restoreSteps() >= enough);
                if (!restore.isAlive()) {
                    assertThat(restore.awaitEnd()).as(restore.output()).isZero();
                    break;
                }
                restore.kill();
                kills++;
            }
            if (kills == 2) {
                assertThat(tidemark.run("restore", "--target", target).err()).contains("not empty");
                assertThat(tidemark.run("restore", "--target", target, "--resume", "--no-owner")
                                .err())
                        .contains("the options it had");
            }
        }
        System.out.println(kills + " kills");
        assertThat(kills).isPositive();
        assertThat(PgDump.of(server, shop).difference(PgDump.of(server, restored)))
                .isEmpty();
        assertThat(tidemark.restoreSteps()).isZero();
    }

    @Test
    void anIndexThatCannotBeMadeStopsTheOthersAndIsMadeWhenItCan() throws Exception {
        PostgresServer server = testbed.postgresWithTools();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE sql "
                        + "AS 'SELECT $1 FROM pg_catalog.pg_sleep(CASE pg_catalog.current_database() WHEN ''" + shop
                        + "'' THEN 0 ELSE 1 END)'",
                "CREATE TABLE large (id int PRIMARY KEY)",
                "INSERT INTO large SELECT generate_series(1, 300)",
                "CREATE INDEX endless ON large (slow(id))",
                "CREATE TABLE small (id int PRIMARY KEY)",
                "INSERT INTO small SELECT generate_series(1, 3)",
                "CREATE INDEX forbidden ON small (id)");
        Installation tidemark = Installation.of(testbed, server, shop);
        tidemark.set("restore.jobs", "2");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        server.createDatabase(restored);
        server.execute(
                restored,
                "CREATE SCHEMA guard",
                "CREATE FUNCTION guard.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + "IF current_query() LIKE '%forbidden%' THEN LOOP PERFORM pg_sleep(0.01); "
                        + "IF EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%endless%' AND state = 'active' "
                        + "AND pid <> pg_backend_pid()) THEN RAISE 'no more indexes here'; END IF; END LOOP; END IF; END $$",
                "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION guard.refuse()");
        String target = server.url(restored);
        Outcome failed = tidemark.run("restore", "--target", target, "--strict");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err())
                .contains("cannot make index public.forbidden in the target", "no more indexes here")
                .contains("2 of 2 tables are loaded", "go on with --resume");
        assertThat(server.value(
                        "postgres",
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + restored
                                + "' AND query LIKE '%endless%'"))
                .isEqualTo("0");
        server.execute(
                restored,
                "DROP EVENT TRIGGER refuse",
                "DROP SCHEMA guard CASCADE",
                "CREATE OR REPLACE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'");
        tidemark.must("restore", "--target", target, "--resume");
        assertThat(server.value(restored, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"))
                .isEqualTo("4");
    }
}

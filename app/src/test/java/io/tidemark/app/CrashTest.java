package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.postgres.Lsn;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every role dies at random moments, and the servers are restarted; nothing is lost and nothing comes twice. */
class CrashTest {
    private static final int KILLS_PER_ROLE = Integer.getInteger("kills", 6);
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private Path work = Path.of("");

    @BeforeEach
    void makeWorkDirectory() throws Exception {
        work = Backends.workDirectory("crash");
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
    }

    @AfterEach
    void deleteWorkDirectory() throws Exception {
        Backends.delete(work);
    }

    @Test
    void survivesKillsOfEveryRoleAndRestartsOfTheServers() throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        Random random = new Random(SEED);
        DatabaseDump last;
        Moment moment;
        try (PostgresServer source = Backends.postgres(work.resolve("source"))) {
            source.createDatabase("bank");
            try (BankLoad load = new BankLoad(source.connections("bank"), SEED, 40)) {
                load.createTables();
                tidemark.must("init");
                tidemark.must("source", "add", "bank", source.url("bank"));
                load.start(8);
                try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                        RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                        RoleProcess pipeline = RoleProcess.start(tidemark, "pipeline", "256m");
                        RoleProcess archiver = RoleProcess.start(tidemark, "archiver", "256m")) {
                    tidemark.awaitCopy("bank");
                    List<RoleProcess> victims = List.of(ingest, pipeline, archiver);
                    for (int i = 0; i < KILLS_PER_ROLE; i++) {
                        for (RoleProcess victim : victims) {
                            victim.killAndRestart();
                            Thread.sleep(500 + random.nextInt(2000));
                        }
                        if (i == KILLS_PER_ROLE / 3) {
                            source.restart();
                        }
                        if (i == KILLS_PER_ROLE / 2) {
                            kafka.killAndRestart();
                        }
                    }
                    moment = Moment.record(source, "bank", work.resolve("moment"));
                    Thread.sleep(2000);
                    load.close();
                    last = tidemark.dump(source, "bank");
                    tidemark.must("create", "--incremental", "--wait", "120");
                    assertThat(ingest.stop()).isZero();
                    assertThat(archiver.stop()).isZero();
                    assertThat(pipeline.stop()).isZero();
                    assertThat(kafka.stop()).isZero();
                }
            }
        }

        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
        try (PostgresServer target = Backends.postgres(work.resolve("target"))) {
            assertThat(moment.dump().difference(tidemark.restore(target, "restored", "--to-lsn", moment.lsn())))
                    .isEmpty();
            assertThat(last.difference(tidemark.restore(target, "restored"))).isEmpty();
        }
    }

    @Test
    void losesNothingWhenIngestDiesWithinOneStatementOnTheNewestServer() throws Exception {
        try (PostgresServer source = Backends.postgres(work.resolve("source"))) {
            dieWithinStatements(source);
        }
    }

    @Test
    void losesNothingWhenIngestDiesWithinOneStatementOnVersion15() throws Exception {
        Optional<PostgresServer> installed = Backends.installedPostgres(work.resolve("source"));
        Assumptions.assumeTrue(installed.isPresent(), "PostgreSQL 15 is not installed here");
        try (PostgresServer source = installed.orElseThrow()) {
            dieWithinStatements(source);
        }
    }

    /**
     * Rows of one statement share places in the source's log, and a transaction may begin just where the one before ended.
     * Ingest is killed when the change log holds the first part of a large statement and not the rest, while small
     * transactions follow back to back.
     */
    private void dieWithinStatements(PostgresServer source) throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        source.createDatabase("rows");
        source.execute("rows", "CREATE TABLE wide (id bigserial PRIMARY KEY, batch int, filler text)");
        tidemark.must("init");
        tidemark.must("source", "add", "rows", source.url("rows"));
        try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
            tidemark.awaitCopy("rows");
            int withinStatement = 0;
            try (LogTail log = LogTail.open(tidemark, "rows")) {
                for (int batch = 0; batch < 3; batch++) {
                    int number = batch;
                    Thread writer = new Thread(() -> write(source, number));
                    writer.start();
                    log.awaitPartOfATransaction();
                    ingest.kill();
                    withinStatement += log.endsWithinATransaction() ? 1 : 0;
                    ingest.killAndRestart();
                    writer.join();
                    log.awaitEndOfTransaction();
                }
            }
            assertThat(withinStatement)
                    .as("kills among the rows of a statement")
                    .isPositive();
            DatabaseDump last = tidemark.dump(source, "rows");
            tidemark.must("create", "--incremental", "--wait", "120");
            assertThat(ingest.stop()).isZero();
            assertThat(others.isAlive()).isTrue();
            assertThat(last.difference(tidemark.restore(source, "restored"))).isEmpty();
            assertThat(ArchivedLog.changes(tidemark)).isEqualTo(expectedChanges(source));
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
            assertThat(kafka.isAlive()).isTrue();
        }
    }

    private static void write(PostgresServer source, int batch) {
        try {
            source.execute(
                    "rows",
                    "INSERT INTO wide (batch, filler) SELECT " + batch
                            + ", repeat('x', 200) FROM generate_series(1, 150000)",
                    "UPDATE wide SET filler = 'y' WHERE id % 1000 = 0 AND batch = " + batch,
                    "DELETE FROM wide WHERE id % 1100 = 0 AND batch = " + batch);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long expectedChanges(PostgresServer source) throws Exception {
        long inserted = Long.parseLong(source.value("rows", "SELECT last_value FROM wide_id_seq"));
        long updated = inserted / 1000;
        long deleted = inserted / 1100;
        return inserted + updated + deleted;
    }

    @Test
    void aSecondIngestTakesOverAndTheFirstEnds() throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        Installation second = new Installation(work.resolve("second"));
        for (Key key : List.of(Key.KAFKA_BOOTSTRAP_SERVERS, Key.REGISTRY_PORT, Key.REPOSITORY, Key.KEY_FILE)) {
            second.set(key.text(), tidemark.configuration().text(key));
        }
        try (PostgresServer source = Backends.postgres(work.resolve("source"))) {
            source.createDatabase("rows");
            source.execute("rows", "CREATE TABLE t (id bigserial PRIMARY KEY, n int)");
            tidemark.must("init");
            tidemark.must("source", "add", "rows", source.url("rows"));
            second.must("source", "add", "rows", source.url("rows"));
            try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                    RoleProcess first = RoleProcess.start(tidemark, "ingest", "256m");
                    RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                tidemark.awaitCopy("rows");
                source.execute("rows", "INSERT INTO t (n) SELECT generate_series(1, 1000)");

                try (RoleProcess successor = RoleProcess.start(second, "ingest", "256m")) {
                    assertThat(first.awaitEnd()).isEqualTo(1);
                    assertThat(first.output()).contains("another ingest of rows has taken over");
                    source.execute("rows", "INSERT INTO t (n) SELECT generate_series(1, 1000)");
                    tidemark.must("create", "--incremental", "--wait", "60");
                    assertThat(successor.isAlive()).isTrue();
                }
                assertThat(others.isAlive()).isTrue();
                assertThat(kafka.isAlive()).isTrue();
            }
            DatabaseDump last = tidemark.dump(source, "rows");
            assertThat(last.difference(tidemark.restore(source, "restored"))).isEmpty();
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
        }
    }
}

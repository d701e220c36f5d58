package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Kills;
import io.tidemark.app.fixture.Loads;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.postgres.Lsn;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every role dies at random moments, and the servers are restarted; nothing is lost and nothing comes twice. */
@Tag("full")
class CrashTest {
    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");
    private final String rows = Names.unique("rows");

    private static final int BATCHES = Effort.times(2);
    private static final int RANDOM_KILLS = Effort.times(1);

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    @Test
    void survivesKillsOfEveryRoleAndRestartsOfTheServers() throws Exception {
        Installation tidemark = Installation.external(testbed)
                .set(Key.SNAPSHOT_AFTER.text(), "0")
                .set(Key.SNAPSHOT_INTERVAL.text(), "4s")
                .set(Key.COMPACTION_FAN_IN.text(), "3")
                .set(Key.AUDIT_ENABLED.text(), "true");
        Kills kills = new Kills(tidemark, Seed.random());
        DatabaseDump last;
        Moment moment;
        PostgresServer source = testbed.ownPostgres(PostgresRelease.V18, "source");
        source.createDatabase(bank);
        try (BankLoad load = new BankLoad(Connections.of(source, bank), Seed.value(), 40)) {
            load.createTables();
            tidemark.withSource(bank, source.url(bank));
            load.start(4);
            try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                    RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                    RoleProcess pipeline = RoleProcess.start(tidemark, "pipeline", "256m");
                    RoleProcess archiver = RoleProcess.start(tidemark, "archiver", "256m")) {
                tidemark.awaitCopy(bank);
                kills.whenStored(".seg", archiver);
                kills.whenStored(".part", archiver);
                kills.whenStored(".seg", pipeline);
                kills.whenStored(".run", archiver);
                kills.whenStored(".seg", ingest);
                source.restart();
                kafka.killAndRestart();
                kills.atRandom(
                        List.of(ingest, pipeline, archiver),
                        RANDOM_KILLS,
                        count -> Loads.awaitTransactions(load, count));
                moment = Moment.record(source, bank, testbed.resolve("moment"));
                Loads.awaitTransactions(load, 200);
                load.close();
                last = tidemark.dump(source, bank);
                tidemark.must("create", "--incremental", "--wait", "120");
                assertThat(ingest.stop()).isZero();
                assertThat(archiver.stop()).isZero();
                assertThat(pipeline.stop()).isZero();
                assertThat(kafka.stop()).isZero();
            }
        }

        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
        PostgresServer target = testbed.postgres();
        assertThat(moment.dump().difference(tidemark.restore(target, restored, "--to-lsn", moment.lsn())))
                .isEmpty();
        assertThat(last.difference(tidemark.restore(target, restored))).isEmpty();
    }

    private static List<PostgresRelease> releases() {
        return Effort.someOf(List.of(PostgresRelease.values()));
    }

    /**
     * Rows of one statement share places in the source's log, and a transaction may begin just where the one before ended.
     * Ingest is killed when the change log holds the first part of a large statement and not the rest, while small
     * transactions follow back to back.
     */
    @ParameterizedTest
    @MethodSource("releases")
    void losesNothingWhenIngestDiesWithinOneStatement(PostgresRelease release) throws Exception {
        PostgresServer source = release == PostgresRelease.V18 ? testbed.postgres() : testbed.postgresWithTools();
        Installation tidemark = Installation.in(testbed);
        source.createDatabase(rows);
        source.execute(rows, "CREATE TABLE wide (id bigserial PRIMARY KEY, batch int, filler text)");
        tidemark.withSource(rows, source.url(rows));
        try (RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
            tidemark.awaitCopy(rows);
            int withinStatement = 0;
            try (LogTail log = LogTail.open(tidemark, rows)) {
                for (int batch = 0; batch < BATCHES; batch++) {
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
            DatabaseDump last = tidemark.dump(source, rows);
            tidemark.must("create", "--incremental", "--wait", "120");
            assertThat(ingest.stop()).isZero();
            assertThat(others.isAlive()).isTrue();
            assertThat(last.difference(tidemark.restore(source, restored))).isEmpty();
            assertThat(ArchivedLog.changes(tidemark)).isEqualTo(expectedChanges(source));
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
        }
    }

    private void write(PostgresServer source, int batch) {
        try {
            source.execute(
                    rows,
                    "INSERT INTO wide (batch, filler) SELECT " + batch
                            + ", repeat('x', 200) FROM generate_series(1, 80000)",
                    "UPDATE wide SET filler = 'y' WHERE id % 1000 = 0 AND batch = " + batch,
                    "DELETE FROM wide WHERE id % 1100 = 0 AND batch = " + batch);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long expectedChanges(PostgresServer source) throws Exception {
        long inserted = Long.parseLong(source.value(rows, "SELECT last_value FROM wide_id_seq"));
        long updated = inserted / 1000;
        long deleted = inserted / 1100;
        return inserted + updated + deleted;
    }

    @Test
    void aSecondIngestTakesOverAndTheFirstEnds() throws Exception {
        Installation tidemark = Installation.in(testbed);
        Installation second = Installation.in(testbed, "second").withRepositoryOf(tidemark);
        PostgresServer source = testbed.postgres();
        source.createDatabase(rows);
        source.execute(rows, "CREATE TABLE t (id bigserial PRIMARY KEY, n int)");
        tidemark.withSource(rows, source.url(rows));
        second.must("source", "add", rows, source.url(rows));
        try (RoleProcess first = RoleProcess.start(tidemark, "ingest", "256m");
                RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
            tidemark.awaitCopy(rows);
            source.execute(rows, "INSERT INTO t (n) SELECT generate_series(1, 1000)");

            try (RoleProcess successor = RoleProcess.start(second, "ingest", "256m")) {
                assertThat(first.awaitEnd()).isEqualTo(1);
                assertThat(first.output()).contains("another ingest of " + rows + " has taken over");
                source.execute(rows, "INSERT INTO t (n) SELECT generate_series(1, 1000)");
                tidemark.must("create", "--incremental", "--wait", "60");
                assertThat(successor.isAlive()).isTrue();
            }
            assertThat(others.isAlive()).isTrue();
        }
        DatabaseDump last = tidemark.dump(source, rows);
        assertThat(last.difference(tidemark.restore(source, restored))).isEmpty();
        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, Lsn::parse);
    }
}

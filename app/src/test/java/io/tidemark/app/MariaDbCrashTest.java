package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.MariaDbDump;
import io.tidemark.app.fixture.MariaDbLoad;
import io.tidemark.app.fixture.MariaDbServer;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.mariadb.BinlogPlace;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What CrashTest shows of PostgreSQL, of MariaDB: nothing is lost, and nothing is there twice. */
class MariaDbCrashTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int KILLS_PER_ROLE = 4;

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("mariadb-crash");

    @Test
    void survivesKillsOfEveryRoleAndOfTheServer() throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        Random random = new Random(SEED);
        try (MariaDbServer source = MariaDbServer.start(work.resolve("source"))) {
            source.createDatabase("bank");
            MariaDbDump moment;
            MariaDbDump last;
            try (MariaDbLoad load = new MariaDbLoad(source.connections("bank"), SEED)) {
                load.createTables();
                tidemark.must("init");
                tidemark.must("source", "add", "bank", source.url("bank"));
                load.start(4);
                try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                        RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                        RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                    tidemark.awaitCopy("bank");
                    for (int i = 0; i < KILLS_PER_ROLE; i++) {
                        ingest.killAndRestart();
                        Thread.sleep(500 + random.nextInt(2500));
                        others.killAndRestart();
                        Thread.sleep(random.nextInt(1000));
                        if (i == KILLS_PER_ROLE / 2) {
                            source.restart();
                        }
                    }
                    moment = MariaDbDump.of(source, "bank");
                    Thread.sleep(1000);
                    load.close();
                    last = MariaDbDump.of(source, "bank");
                    tidemark.must("create", "--incremental", "--wait", "120");
                    assertThat(ingest.stop()).isZero();
                    assertThat(kafka.isAlive()).isTrue();
                }
            }
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
            source.createDatabase("restored");
            tidemark.must("restore", "--target", source.url("restored"), "--to-binlog", moment.place());
            assertThat(moment.difference(MariaDbDump.of(source, "restored"))).isEmpty();
            tidemark.must("restore", "--target", source.url("restored"), "--allow-clear");
            assertThat(last.difference(MariaDbDump.of(source, "restored"))).isEmpty();
        }
    }

    @Test
    void losesNothingWhenIngestDiesWithinATransaction() throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        try (MariaDbServer source = MariaDbServer.start(work.resolve("source"))) {
            source.createDatabase("large");
            source.execute("large", "CREATE TABLE wide (id bigint AUTO_INCREMENT PRIMARY KEY, batch int, filler text)");
            tidemark.must("init");
            tidemark.must("source", "add", "large", source.url("large"));
            int batches = 4;
            try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                    RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                    RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                tidemark.awaitCopy("large");
                int within = 0;
                try (LogTail log = LogTail.open(tidemark, "large")) {
                    for (int batch = 0; batch < batches; batch++) {
                        source.execute(
                                "large",
                                "INSERT INTO wide (batch, filler) SELECT " + batch
                                        + ", repeat('x', 200) FROM seq_1_to_150000",
                                "DELETE FROM wide WHERE id % 1100 = 0 AND batch = " + batch);
                        log.awaitPartOfATransaction();
                        ingest.kill();
                        within += log.endsWithinATransaction() ? 1 : 0;
                        ingest.killAndRestart();
                        log.awaitEndOfTransaction();
                    }
                }
                assertThat(within).as("kills within a transaction").isPositive();
                tidemark.must("create", "--incremental", "--wait", "120");
                assertThat(ingest.stop()).isZero();
                assertThat(others.isAlive() && kafka.isAlive()).isTrue();
            }
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
            long left = Long.parseLong(source.value("large", "SELECT count(*) FROM wide"));
            long inserted = batches * 150_000L;
            assertThat(ArchivedLog.changes(tidemark)).isEqualTo(inserted + (inserted - left));
            MariaDbDump last = MariaDbDump.of(source, "large");
            source.createDatabase("restored");
            tidemark.must("restore", "--target", source.url("restored"));
            assertThat(last.difference(MariaDbDump.of(source, "restored"))).isEmpty();
        }
    }

    @Test
    void aPurgedBinaryLogIsANamedGap() throws Exception {
        try (MariaDbServer source = MariaDbServer.start(work.resolve("source"))) {
            source.createDatabase("shop");
            source.execute("shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
            Installation tidemark = new Installation(work.resolve("tidemark"));
            tidemark.must("init");
            tidemark.must("source", "add", "shop", source.url("shop"));
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy("shop");
            }
            source.execute("shop", "INSERT INTO t VALUES (2)", "FLUSH BINARY LOGS");
            String file = source.value("shop", "SHOW MASTER STATUS");
            // A file is not purged while the connection that read it is still noticed to be gone.
            for (int i = 0; i < 100 && !source.value("shop", "SHOW BINARY LOGS").equals(file); i++) {
                source.execute("shop", "INSERT INTO t VALUES (" + (10 + i) + ")");
                Thread.sleep(100);
                source.execute("shop", "PURGE BINARY LOGS TO '" + file + "'");
            }
            assertThat(source.value("shop", "SHOW BINARY LOGS")).isEqualTo(file);
            try (Service service = tidemark.start()) {
                tidemark.await(
                        "shop",
                        Duration.ofMinutes(1),
                        history -> history.epochs().contains(1));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("timeline", "shop").out()).contains("does not keep the binary log");
            MariaDbDump last = MariaDbDump.of(source, "shop");
            source.createDatabase("restored");
            tidemark.must("restore", "--target", source.url("restored"));
            assertThat(last.difference(MariaDbDump.of(source, "restored"))).isEmpty();
        }
    }
}

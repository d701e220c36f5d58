package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlLoad;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What CrashTest shows of PostgreSQL, of MariaDB and MySQL: nothing is lost, and nothing is there twice. */
class BinlogCrashTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int KILLS_PER_ROLE = 3;

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("binlog-crash");

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void survivesKillsOfEveryRoleAndOfTheServer(Dialect dialect) throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        Random random = new Random(SEED);
        try (SqlServer source = SqlServer.start(dialect, work.resolve("source"))) {
            source.createDatabase("bank");
            SqlDump moment;
            SqlDump last;
            try (SqlLoad load = new SqlLoad(source.connections("bank"), SEED)) {
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
                    moment = SqlDump.of(source, "bank");
                    Thread.sleep(1000);
                    load.close();
                    last = SqlDump.of(source, "bank");
                    tidemark.must("create", "--incremental", "--wait", "120");
                    assertThat(ingest.stop()).isZero();
                    assertThat(kafka.isAlive()).isTrue();
                }
            }
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
            assertThat(moment.difference(tidemark.restoreForSqlDump(source, "--to-binlog", moment.place())))
                    .isEmpty();
            tidemark.must("restore", "--target", source.url("restored"), "--allow-clear");
            assertThat(last.difference(SqlDump.of(source, "restored"))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void losesNothingWhenIngestDiesWithinATransaction(Dialect dialect) throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark"));
        try (SqlServer source = SqlServer.start(dialect, work.resolve("source"))) {
            source.createDatabase("large");
            source.execute("large", "CREATE TABLE wide (id bigint AUTO_INCREMENT PRIMARY KEY, batch int, filler text)");
            tidemark.must("init");
            tidemark.must("source", "add", "large", source.url("large"));
            int batches = 3;
            try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                    RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                    RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                tidemark.awaitCopy("large");
                int within = 0;
                try (LogTail log = LogTail.open(tidemark, "large")) {
                    for (int batch = 0; batch < batches; batch++) {
                        source.execute(
                                "large",
                                "INSERT INTO wide (batch, filler) SELECT " + batch + ", repeat('x', 200) FROM ("
                                        + SqlServer.numbers(150_000) + ") n",
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
                long left = Long.parseLong(source.value("large", "SELECT count(*) FROM wide"));
                long inserted = batches * 150_000L;
                assertThat(ArchivedLog.changes(tidemark)).isEqualTo(inserted + (inserted - left));

                // Rows that are read again are a transaction, too, and begin anew.
                try (LogTail log = LogTail.open(tidemark, "large")) {
                    source.execute("large", "ALTER TABLE wide MODIFY filler varchar(300) CHARACTER SET latin1");
                    log.awaitPartOfATransaction();
                    ingest.kill();
                    assertThat(log.endsWithinATransaction()).isTrue();
                    source.execute("large", "UPDATE wide SET batch = -1 WHERE id % 1000 = 1");
                    ingest.killAndRestart();
                    log.awaitEndOfTransaction();
                }
                tidemark.must("create", "--incremental", "--wait", "120");
                assertThat(ingest.stop()).isZero();
                assertThat(others.isAlive() && kafka.isAlive()).isTrue();
            }
            ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
            SqlDump last = SqlDump.of(source, "large");
            assertThat(last.difference(tidemark.restoreForSqlDump(source))).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aPurgedBinaryLogIsANamedGap(Dialect dialect) throws Exception {
        try (SqlServer source = SqlServer.start(dialect, work.resolve("source"))) {
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
            // A file is not purged before the server notices that the connection that read it is gone.
            String reader = source.value(
                    "shop", "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'");
            if (!reader.isEmpty()) {
                source.execute("shop", "KILL " + reader);
            }
            for (int i = 0; i < 100 && !source.value("shop", "SHOW BINARY LOGS").equals(file); i++) {
                source.execute("shop", "INSERT INTO t VALUES (" + (10 + i) + ")");
                Thread.sleep(100);
                source.execute("shop", "PURGE BINARY LOGS TO '" + file + "'");
            }
            assertThat(source.value("shop", "SHOW BINARY LOGS")).isEqualTo(file);
            try (Service service = tidemark.start()) {
                tidemark.awaitEpoch("shop", 1);
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("timeline", "shop").out()).contains("does not keep the binary log");
            SqlDump last = SqlDump.of(source, "shop");
            assertThat(last.difference(tidemark.restoreForSqlDump(source))).isEmpty();
        }
    }
}

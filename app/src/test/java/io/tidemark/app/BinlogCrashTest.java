package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Kills;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlLoad;
import io.tidemark.app.runtime.Service;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What CrashTest shows of PostgreSQL, of MariaDB and MySQL: nothing is lost, and nothing is there twice. */
@Tag("full")
class BinlogCrashTest {
    private static final int RANDOM_KILLS = Effort.times(1);

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");
    private final String large = Names.unique("large");

    @ParameterizedTest
    @MethodSource("io.tidemark.testbed.sql.SqlProduct#some")
    void survivesKillsOfEveryRoleAndOfTheServer(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        Kills kills = new Kills(tidemark, Seed.random());
        // Else a server that is killed may have transactions in its binary log that its tables lost.
        SqlServer source = testbed.ownSql(product, "source", "--innodb-flush-log-at-trx-commit=1", "--sync-binlog=1");
        source.createDatabase(bank);
        SqlDump moment;
        SqlDump last;
        try (SqlLoad load = new SqlLoad(Connections.of(source, bank), Seed.value())) {
            load.createTables();
            tidemark.withSource(bank, source.url(bank));
            load.start(4);
            try (RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                    RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                tidemark.awaitCopy(bank);
                kills.whenStored(".seg", others);
                kills.whenStored(".seg", ingest);
                source.restart();
                kills.atRandom(List.of(ingest, others), RANDOM_KILLS, load::awaitTransactions);
                moment = SqlDump.of(source, bank);
                load.awaitTransactions(100);
                load.close();
                last = SqlDump.of(source, bank);
                tidemark.must("create", "--incremental", "--wait", "120");
                assertThat(ingest.stop()).isZero();
            }
        }
        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
        assertThat(moment.difference(tidemark.restoreForSqlDump(source, restored, "--to-binlog", moment.place())))
                .isEmpty();
        tidemark.must("restore", "--target", source.url(restored), "--allow-clear", "--yes");
        assertThat(last.difference(SqlDump.of(source, restored))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.tidemark.testbed.sql.SqlProduct#some")
    void losesNothingWhenIngestDiesWithinATransaction(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        SqlServer source = testbed.sql(product);
        source.createDatabase(large);
        source.execute(large, "CREATE TABLE wide (id bigint AUTO_INCREMENT PRIMARY KEY, batch int, filler text)");
        tidemark.withSource(large, source.url(large));
        int batches = 2;
        try (RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
            tidemark.awaitCopy(large);
            int within = 0;
            try (LogTail log = LogTail.open(tidemark, large)) {
                for (int batch = 0; batch < batches; batch++) {
                    source.execute(
                            large,
                            "INSERT INTO wide (batch, filler) SELECT " + batch + ", repeat('x', 200) FROM ("
                                    + SqlServer.numbers(80_000) + ") n",
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
            long left = Long.parseLong(source.value(large, "SELECT count(*) FROM wide"));
            long inserted = batches * 80_000L;
            assertThat(ArchivedLog.changes(tidemark)).isEqualTo(inserted + (inserted - left));

            // Rows that are read again are a transaction, too, and begin anew.
            try (LogTail log = LogTail.open(tidemark, large)) {
                source.execute(large, "ALTER TABLE wide MODIFY filler varchar(300) CHARACTER SET latin1");
                log.awaitPartOfATransaction();
                ingest.kill();
                assertThat(log.endsWithinATransaction()).isTrue();
                source.execute(large, "UPDATE wide SET batch = -1 WHERE id % 1000 = 1");
                ingest.killAndRestart();
                log.awaitEndOfTransaction();
            }
            tidemark.must("create", "--incremental", "--wait", "120");
            assertThat(ingest.stop()).isZero();
            assertThat(others.isAlive()).isTrue();
        }
        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
        SqlDump last = SqlDump.of(source, large);
        assertThat(last.difference(tidemark.restoreForSqlDump(source, restored)))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void aPurgedBinaryLogIsANamedGap(SqlProduct product) throws Exception {
        SqlServer source = testbed.ownSql(product, "source");
        source.createDatabase(shop);
        source.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Installation tidemark = Installation.in(testbed);
        tidemark.withSource(shop, source.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        source.execute(shop, "INSERT INTO t VALUES (2)", "FLUSH BINARY LOGS");
        String file = source.value(shop, "SHOW MASTER STATUS");
        // A file is not purged before the server notices that the connection that read it is gone.
        String reader =
                source.value(shop, "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'");
        if (!reader.isEmpty()) {
            source.execute(shop, "KILL " + reader);
        }
        AtomicInteger id = new AtomicInteger(10);
        Await.until("the server forgets the first file", Duration.ofSeconds(30), () -> {
            source.execute(
                    shop, "INSERT INTO t VALUES (" + id.incrementAndGet() + ")", "PURGE BINARY LOGS TO '" + file + "'");
            return source.value(shop, "SHOW BINARY LOGS").equals(file);
        });
        try (Service service = tidemark.start()) {
            tidemark.awaitEpoch(shop, 1);
            tidemark.must("create", "--incremental", "--wait", "60");
        }
        assertThat(tidemark.must("timeline", shop).out()).contains("does not keep the binary log");
        SqlDump last = SqlDump.of(source, shop);
        assertThat(last.difference(tidemark.restoreForSqlDump(source, restored)))
                .isEmpty();
    }
}

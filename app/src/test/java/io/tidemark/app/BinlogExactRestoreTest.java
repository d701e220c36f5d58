package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlLoad;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What ExactRestoreTest shows of PostgreSQL, of MariaDB and MySQL: any moment under load, from the repository alone. */
@Tag("full")
class BinlogExactRestoreTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void restoresRandomMomentsUnderLoadFromTheRepositoryAlone(SqlProduct product) throws Exception {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        List<SqlDump> moments = new ArrayList<>();
        SqlDump last;
        try (SqlServer source = testbed.ownSql(product, "source")) {
            source.createDatabase(bank);
            try (SqlLoad load = new SqlLoad(Connections.of(source, bank), Seed.value())) {
                load.createTables();
                tidemark.withSource(bank, source.url(bank));
                holdTransactionsBetweenTheLogAndTheTables(source, 1_000_000);
                load.start(6);
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy(bank);
                    holdTransactionsBetweenTheLogAndTheTables(source, 0);
                    record(source, load, moments, Effort.times(product == SqlProduct.MARIADB ? 12 : 8));
                    load.close();
                    last = SqlDump.of(source, bank);
                }
            }
        }
        Directories.delete(tidemark.data());

        SqlServer target = testbed.sql(product);
        for (SqlDump moment : moments) {
            assertThat(moment.difference(tidemark.restoreForSqlDump(target, restored, "--to-binlog", moment.place())))
                    .as("at %s", moment.place())
                    .isEmpty();
            assertThat(target.value(restored, "SELECT balance FROM total")).isEqualTo("100000.00");
        }
        tidemark.must("restore", "--target", target.url(restored), "--allow-clear", "--yes");
        assertThat(last.difference(SqlDump.of(target, restored))).isEmpty();

        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    /** MySQL's log is then ahead of its tables, which a copy must not fall for. */
    private void holdTransactionsBetweenTheLogAndTheTables(SqlServer source, int micros) throws Exception {
        if (source.product() == SqlProduct.MYSQL) {
            source.execute(
                    bank,
                    "SET GLOBAL sync_binlog = " + (micros > 0 ? 1 : 0),
                    "SET GLOBAL binlog_group_commit_sync_delay = " + micros);
        }
    }

    /** Dumps of MySQL are fewer: each flushes tables, and waits for statements that wait for each other. */
    private void record(SqlServer source, SqlLoad load, List<SqlDump> moments, int count) throws Exception {
        Random random = Seed.random();
        for (int i = 0; i < count; i++) {
            if (i == count / 3) {
                source.executeAmongOthers(
                        bank,
                        "INSERT INTO event (at, what) SELECT now(6), 'bulk' FROM (" + SqlServer.numbers(100_000)
                                + ") n");
            }
            if (i == 2 * count / 3) {
                source.executeAmongOthers(bank, "DELETE FROM event WHERE what = 'bulk'", "TRUNCATE TABLE transfer");
            }
            moments.add(SqlDump.of(source, bank));
            load.awaitTransactions(random.nextInt(200));
        }
    }
}

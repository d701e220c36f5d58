package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlLoad;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.mysql.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What ExactRestoreTest shows of PostgreSQL, of MariaDB and MySQL: any moment under load, from the repository alone. */
class BinlogExactRestoreTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("binlog-exact");

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void restoresRandomMomentsUnderLoadFromTheRepositoryAlone(Dialect dialect) throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        Installation tidemark = new Installation(work.resolve("tidemark"));
        List<SqlDump> moments = new ArrayList<>();
        SqlDump last;
        try (SqlServer source = SqlServer.start(dialect, work.resolve("source"))) {
            source.createDatabase("bank");
            try (SqlLoad load = new SqlLoad(source.connections("bank"), SEED)) {
                load.createTables();
                tidemark.must("init");
                tidemark.must("source", "add", "bank", source.url("bank"));
                holdTransactionsBetweenTheLogAndTheTables(source, 1_000_000);
                load.start(6);
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy("bank");
                    holdTransactionsBetweenTheLogAndTheTables(source, 0);
                    record(source, moments, dialect == Dialect.MARIADB ? 30 : 12);
                    load.close();
                    last = SqlDump.of(source, "bank");
                }
            }
        }
        Backends.delete(tidemark.data());

        try (SqlServer target = SqlServer.start(dialect, work.resolve("target"))) {
            for (SqlDump moment : moments) {
                assertThat(moment.difference(tidemark.restoreForSqlDump(target, "--to-binlog", moment.place())))
                        .as("at %s", moment.place())
                        .isEmpty();
                assertThat(target.value("restored", "SELECT balance FROM total"))
                        .isEqualTo("100000.00");
            }
            tidemark.must("restore", "--target", target.url("restored"), "--allow-clear");
            assertThat(last.difference(SqlDump.of(target, "restored"))).isEmpty();
        }
        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    /** MySQL's log is then ahead of its tables, which a copy must not fall for. */
    private static void holdTransactionsBetweenTheLogAndTheTables(SqlServer source, int micros) throws Exception {
        if (source.dialect() == Dialect.MYSQL) {
            source.execute(
                    "bank",
                    "SET GLOBAL sync_binlog = " + (micros > 0 ? 1 : 0),
                    "SET GLOBAL binlog_group_commit_sync_delay = " + micros);
        }
    }

    /** Dumps of MySQL are fewer: each flushes tables, and waits for statements that wait for each other. */
    private static void record(SqlServer source, List<SqlDump> moments, int count) throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < count; i++) {
            if (i == count / 3) {
                source.executeAmongOthers(
                        "bank",
                        "INSERT INTO event (at, what) SELECT now(6), 'bulk' FROM (" + SqlServer.numbers(100_000)
                                + ") n");
            }
            if (i == 2 * count / 3) {
                source.executeAmongOthers("bank", "DELETE FROM event WHERE what = 'bulk'", "TRUNCATE TABLE transfer");
            }
            moments.add(SqlDump.of(source, "bank"));
            Thread.sleep(random.nextInt(400));
        }
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerConnections;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions that are prepared and then committed: the log tells what they do long before it counts. */
@Tag("full")
class BinlogTwoStepsTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String restored = Names.unique("restored");

    private final String shop = Names.unique("shop");

    private SqlServer server;
    private Installation tidemark;

    private void begin(SqlProduct product) throws Exception {
        begin(testbed.sql(product));
    }

    private void begin(SqlServer given) throws Exception {
        server = given;
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE DATABASE elsewhere",
                "CREATE TABLE elsewhere.t (id int PRIMARY KEY)",
                "CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)",
                "INSERT INTO account VALUES (1, 100), (2, 100), (3, 100)",
                "CREATE TABLE note (body varchar(300))",
                "INSERT INTO note VALUES ('same'), ('same'), ('same')",
                "CREATE TABLE owner (name varchar(20) PRIMARY KEY)",
                "CREATE TABLE pet (id int PRIMARY KEY, owner varchar(20), "
                        + "FOREIGN KEY (owner) REFERENCES owner (name) ON UPDATE CASCADE)",
                "INSERT INTO owner VALUES ('ann')",
                "INSERT INTO pet VALUES (1, 'ann')");
        tidemark = Installation.in(testbed);
        tidemark.withSource(shop, server.url(shop));
    }

    private void prepare(String id, String... statements) throws SQLException {
        List<String> all = new ArrayList<>(List.of("XA START '" + id + "'"));
        all.addAll(List.of(statements));
        all.addAll(List.of("XA END '" + id + "'", "XA PREPARE '" + id + "'"));
        server.execute(shop, all.toArray(String[]::new));
    }

    private void commit(String id) throws SQLException {
        server.execute(shop, "XA COMMIT '" + id + "'");
    }

    /** Everything so far is archived. */
    private SqlDump moment() throws Exception {
        SqlDump moment = SqlDump.of(server, shop);
        tidemark.must("create", "--incremental", "--wait", "60");
        return moment;
    }

    private void assertRestores(List<SqlDump> moments) throws Exception {
        for (SqlDump moment : moments) {
            assertThat(moment.difference(tidemark.restoreForSqlDump(server, restored, "--to-binlog", moment.place())))
                    .as("at %s", moment.place())
                    .isEmpty();
        }
        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void countsWhereItIsCommitted(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            prepare(
                    "a",
                    "UPDATE account SET balance = balance - 7 WHERE id = 1",
                    "INSERT INTO note VALUES ('a'), ('same')",
                    "DELETE FROM note WHERE body = 'same' LIMIT 1",
                    "INSERT INTO account VALUES (10, 7)");
            moments.add(moment());
            prepare("b", "UPDATE account SET balance = balance + 1 WHERE id = 2", "INSERT INTO elsewhere.t VALUES (1)");
            prepare("elsewhere", "INSERT INTO elsewhere.t VALUES (2)");
            prepare("back", "UPDATE account SET balance = 0 WHERE id = 3");
            server.execute(
                    shop,
                    "CREATE TABLE later (id int PRIMARY KEY)",
                    "INSERT INTO later VALUES (1)",
                    "FLUSH BINARY LOGS");
            moments.add(moment());
            commit("b");
            moments.add(moment());
            server.execute(shop, "XA ROLLBACK 'back'", "UPDATE account SET balance = 99 WHERE id = 3");
            commit("elsewhere");
            moments.add(moment());
            commit("a");
            moments.add(moment());
            server.execute(
                    shop,
                    "XA START 'one'",
                    "UPDATE account SET balance = balance + 5 WHERE id = 1",
                    "XA END 'one'",
                    "XA COMMIT 'one' ONE PHASE");
            moments.add(moment());
            prepare("a", "INSERT INTO note VALUES ('again, with the same id')");
            commit("a");
            moments.add(moment());
            assertThat(tidemark.must("verify", shop, "--against-source").out()).contains("source equal   true");
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void isReadAgainIfItIsLargeOrWasPreparedBeforeARestart(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            prepare("small", "UPDATE account SET balance = balance - 7 WHERE id = 1");
            prepare("elsewhere", "INSERT INTO elsewhere.t VALUES (2)");
            prepare(
                    "large",
                    "INSERT INTO note SELECT concat(seq, repeat('x', 250)) FROM (" + SqlServer.numbers(80_000) + ") n",
                    "UPDATE account SET balance = balance - 7 WHERE id = 2");
            moments.add(moment());
            commit("large");
            moments.add(moment());
            prepare("owner", "UPDATE owner SET name = 'bea' WHERE name = 'ann'");
            moments.add(moment());
        }
        server.execute(shop, "INSERT INTO account VALUES (20, 20)", "FLUSH BINARY LOGS");
        commit("small");
        try (Service service = tidemark.start()) {
            server.execute(shop, "INSERT INTO account VALUES (21, 21)");
            moments.add(moment());
            commit("owner");
            commit("elsewhere");
            server.execute(shop, "INSERT INTO account VALUES (22, 22)");
            moments.add(moment());
            assertThat(tidemark.must("verify", shop, "--against-source").out()).contains("source equal   true");
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void manyAtOnceAreExactFromTheCopyOn(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        CountDownLatch over = new CountDownLatch(1);
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<?>> writers = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                int number = i;
                writers.add(threads.submit(() -> write(number, over)));
            }
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(shop);
                for (int i = 0; i < 3; i++) {
                    moments.add(moment());
                }
            }
            try (Service service = tidemark.start()) {
                for (int i = 0; i < 3; i++) {
                    moments.add(moment());
                }
                over.countDown();
                for (Future<?> writer : writers) {
                    writer.get();
                }
                moments.add(moment());
            }
        } finally {
            over.countDown();
            threads.shutdown();
        }
        assertRestores(moments);
    }

    /** Moves money and writes notes in two steps, until told to end; one transaction in five is rolled back. */
    private Void write(int number, CountDownLatch over) throws Exception {
        Random random = new Random(Seed.value() + number);
        for (int i = 0; over.getCount() > 0; i++) {
            String id = "'w" + number + "-" + i + "'";
            try (Connection sql = Connections.of(server, shop).sql()) {
                for (String statement : List.of(
                        "XA START " + id,
                        "UPDATE account SET balance = balance - 1 WHERE id = " + (1 + random.nextInt(3)),
                        "INSERT INTO note VALUES ('same'), ('" + random.nextInt(10) + "')",
                        number == 0 ? "DELETE FROM note WHERE body = 'same' LIMIT 1" : "DO 0",
                        "XA END " + id,
                        "XA PREPARE " + id)) {
                    ServerConnections.execute(sql, statement);
                }
                // Longer than it takes a copy to begin.
                over.await(random.nextInt(500), TimeUnit.MILLISECONDS);
                ServerConnections.execute(sql, (random.nextInt(5) == 0 ? "XA ROLLBACK " : "XA COMMIT ") + id);
            } catch (SQLException | TidemarkException e) {
                // A deadlock, which rolled it back.
                over.await(10, TimeUnit.MILLISECONDS);
            }
        }
        return null;
    }

    @ParameterizedTest
    @EnumSource(value = SqlProduct.class, names = "MYSQL")
    void whatWasPreparedElsewhereBeforeTheCopyDoesNotMatter(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        prepare("old", "INSERT INTO elsewhere.t VALUES (1)");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            commit("old");
            server.execute(shop, "INSERT INTO account VALUES (20, 20)");
            moments.add(moment());
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(value = SqlProduct.class, names = "MARIADB")
    void whatWasPreparedLongBeforeTheCopyBeginsANewEpoch(SqlProduct product) throws Exception {
        begin(product);
        SqlDump last;
        prepare("old", "UPDATE account SET balance = balance - 7 WHERE id = 1");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            commit("old");
            tidemark.awaitEpoch(shop, 1);
            last = moment();
        }
        assertThat(tidemark.must("timeline", shop).out()).contains("was prepared before the initial copy began");
        assertThat(last.difference(tidemark.restoreForSqlDump(server, restored)))
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatCannotBeReadAgainBeginsANewEpoch(SqlProduct product) throws Exception {
        begin(testbed.ownSql(product, "server"));
        SqlDump last;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            prepare("lost", "UPDATE account SET balance = balance - 7 WHERE id = 1");
            server.execute(shop, "INSERT INTO account VALUES (20, 20)", "FLUSH BINARY LOGS");
            server.execute(shop, "INSERT INTO account VALUES (21, 21)");
            moment();
        }
        server.execute(
                shop,
                "PURGE BINARY LOGS TO '" + server.value(shop, "SHOW MASTER STATUS") + "'",
                "INSERT INTO account VALUES (22, 22)");
        commit("lost");
        assertThat(server.value(shop, "SHOW BINARY LOGS")).isNotEqualTo("binlog.000001");
        try (Service service = tidemark.start()) {
            tidemark.awaitEpoch(shop, 1);
            last = moment();
        }
        assertThat(tidemark.must("timeline", shop).out()).contains("what it did cannot be read any more");
        assertThat(last.difference(tidemark.restoreForSqlDump(server, restored)))
                .isEmpty();
    }
}

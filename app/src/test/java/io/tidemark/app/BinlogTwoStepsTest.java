package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.ArchivedLog;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.Dialect;
import io.tidemark.mysql.ServerConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions that are prepared and then committed: the log tells what they do long before it counts. */
class BinlogTwoStepsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("two-steps");

    private SqlServer server;
    private Installation tidemark;

    private void begin(Dialect dialect) throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        server = SqlServer.start(dialect, work.resolve("server"));
        server.createDatabase("shop");
        server.execute(
                "shop",
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
        tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        tidemark.must("source", "add", "shop", server.url("shop"));
    }

    @AfterEach
    void end() throws Exception {
        server.close();
    }

    private void prepare(String id, String... statements) throws SQLException {
        List<String> all = new ArrayList<>(List.of("XA START '" + id + "'"));
        all.addAll(List.of(statements));
        all.addAll(List.of("XA END '" + id + "'", "XA PREPARE '" + id + "'"));
        server.execute("shop", all.toArray(String[]::new));
    }

    private void commit(String id) throws SQLException {
        server.execute("shop", "XA COMMIT '" + id + "'");
    }

    /** Everything so far is archived. */
    private SqlDump moment() throws Exception {
        SqlDump moment = SqlDump.of(server, "shop");
        tidemark.must("create", "--incremental", "--wait", "60");
        return moment;
    }

    private void assertRestores(List<SqlDump> moments) throws Exception {
        for (SqlDump moment : moments) {
            assertThat(moment.difference(tidemark.restoreForSqlDump(server, "--to-binlog", moment.place())))
                    .as("at %s", moment.place())
                    .isEmpty();
        }
        ArchivedLog.assertOneEpochWithoutRepeats(tidemark, BinlogPlace::parse);
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void countsWhereItIsCommitted(Dialect dialect) throws Exception {
        begin(dialect);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy("shop");
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
                    "shop",
                    "CREATE TABLE later (id int PRIMARY KEY)",
                    "INSERT INTO later VALUES (1)",
                    "FLUSH BINARY LOGS");
            moments.add(moment());
            commit("b");
            moments.add(moment());
            server.execute("shop", "XA ROLLBACK 'back'", "UPDATE account SET balance = 99 WHERE id = 3");
            commit("elsewhere");
            moments.add(moment());
            commit("a");
            moments.add(moment());
            server.execute(
                    "shop",
                    "XA START 'one'",
                    "UPDATE account SET balance = balance + 5 WHERE id = 1",
                    "XA END 'one'",
                    "XA COMMIT 'one' ONE PHASE");
            moments.add(moment());
            prepare("a", "INSERT INTO note VALUES ('again, with the same id')");
            commit("a");
            moments.add(moment());
            assertThat(tidemark.must("verify", "shop", "--against-source").out())
                    .contains("source equal   true");
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void isReadAgainIfItIsLargeOrWasPreparedBeforeARestart(Dialect dialect) throws Exception {
        begin(dialect);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy("shop");
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
        server.execute("shop", "INSERT INTO account VALUES (20, 20)", "FLUSH BINARY LOGS");
        commit("small");
        try (Service service = tidemark.start()) {
            server.execute("shop", "INSERT INTO account VALUES (21, 21)");
            moments.add(moment());
            commit("owner");
            commit("elsewhere");
            server.execute("shop", "INSERT INTO account VALUES (22, 22)");
            moments.add(moment());
            assertThat(tidemark.must("verify", "shop", "--against-source").out())
                    .contains("source equal   true");
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void manyAtOnceAreExactFromTheCopyOn(Dialect dialect) throws Exception {
        begin(dialect);
        List<SqlDump> moments = new ArrayList<>();
        AtomicBoolean running = new AtomicBoolean(true);
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Future<?>> writers = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                int number = i;
                writers.add(threads.submit(() -> write(number, running)));
            }
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy("shop");
                for (int i = 0; i < 3; i++) {
                    moments.add(moment());
                }
            }
            try (Service service = tidemark.start()) {
                for (int i = 0; i < 3; i++) {
                    moments.add(moment());
                }
                running.set(false);
                for (Future<?> writer : writers) {
                    writer.get();
                }
                moments.add(moment());
            }
        } finally {
            running.set(false);
            threads.shutdown();
        }
        assertRestores(moments);
    }

    /** Moves money and writes notes in two steps, until told to end; one transaction in five is rolled back. */
    private Void write(int number, AtomicBoolean running) throws Exception {
        Random random = new Random(SEED + number);
        for (int i = 0; running.get(); i++) {
            String id = "'w" + number + "-" + i + "'";
            try (Connection sql = server.connections("shop").sql()) {
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
                Thread.sleep(random.nextInt(500));
                ServerConnections.execute(sql, (random.nextInt(5) == 0 ? "XA ROLLBACK " : "XA COMMIT ") + id);
            } catch (SQLException | TidemarkException e) {
                // A deadlock, which rolled it back.
                Thread.sleep(10);
            }
        }
        return null;
    }

    @ParameterizedTest
    @EnumSource(value = Dialect.class, names = "MYSQL")
    void whatWasPreparedElsewhereBeforeTheCopyDoesNotMatter(Dialect dialect) throws Exception {
        begin(dialect);
        List<SqlDump> moments = new ArrayList<>();
        prepare("old", "INSERT INTO elsewhere.t VALUES (1)");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy("shop");
            commit("old");
            server.execute("shop", "INSERT INTO account VALUES (20, 20)");
            moments.add(moment());
        }
        assertRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(value = Dialect.class, names = "MARIADB")
    void whatWasPreparedLongBeforeTheCopyBeginsANewEpoch(Dialect dialect) throws Exception {
        begin(dialect);
        SqlDump last;
        prepare("old", "UPDATE account SET balance = balance - 7 WHERE id = 1");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy("shop");
            commit("old");
            tidemark.awaitEpoch("shop", 1);
            last = moment();
        }
        assertThat(tidemark.must("timeline", "shop").out()).contains("was prepared before the initial copy began");
        assertThat(last.difference(tidemark.restoreForSqlDump(server))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void whatCannotBeReadAgainBeginsANewEpoch(Dialect dialect) throws Exception {
        begin(dialect);
        SqlDump last;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy("shop");
            prepare("lost", "UPDATE account SET balance = balance - 7 WHERE id = 1");
            server.execute("shop", "INSERT INTO account VALUES (20, 20)", "FLUSH BINARY LOGS");
            server.execute("shop", "INSERT INTO account VALUES (21, 21)");
            moment();
        }
        server.execute(
                "shop",
                "PURGE BINARY LOGS TO '" + server.value("shop", "SHOW MASTER STATUS") + "'",
                "INSERT INTO account VALUES (22, 22)");
        commit("lost");
        assertThat(server.value("shop", "SHOW BINARY LOGS")).isNotEqualTo("binlog.000001");
        try (Service service = tidemark.start()) {
            tidemark.awaitEpoch("shop", 1);
            last = moment();
        }
        assertThat(tidemark.must("timeline", "shop").out()).contains("what it did cannot be read any more");
        assertThat(last.difference(tidemark.restoreForSqlDump(server))).isEmpty();
    }
}

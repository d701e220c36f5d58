package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import io.tidemark.mysql.Dialect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands in the way of capturing a database, before anything is changed. */
class BinlogSourceTest {
    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("binlog-source");

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aDatabaseThatTheServerLeavesOutOfItsLogIsRefused(Dialect dialect) throws Exception {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        try (SqlServer server = SqlServer.start(dialect, work.resolve("not"), "--binlog-ignore-db=hidden")) {
            assertOnlyIsRefused(tidemark, server, "hidden");
        }
        try (SqlServer server = SqlServer.start(dialect, work.resolve("only"), "--binlog-do-db=shown")) {
            assertOnlyIsRefused(tidemark, server, "other");
        }
    }

    private static void assertOnlyIsRefused(Installation tidemark, SqlServer server, String hidden) throws Exception {
        for (String database : new String[] {hidden, "shown"}) {
            server.createDatabase(database);
            Outcome outcome = tidemark.run("source", "check", database, server.url(database));

            assertThat(outcome.exitCode()).as(database).isEqualTo(database.equals(hidden) ? 1 : 0);
            assertThat(outcome.err().contains("the server leaves the database out of its binary log"))
                    .as(database)
                    .isEqualTo(database.equals(hidden));
        }
    }

    @Test
    void namesAreFoldedAsTheServerFoldsThem() throws Exception {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        try (SqlServer server =
                SqlServer.start(Dialect.MARIADB, work.resolve("server"), "--lower-case-table-names=1")) {
            server.createDatabase("Shop");
            server.execute(
                    "shop",
                    "CREATE TABLE Customer (Id int PRIMARY KEY, Name varchar(9))",
                    "INSERT INTO CUSTOMER VALUES (1, 'a')",
                    "CREATE TRIGGER SHOP.in_capitals BEFORE INSERT ON Customer FOR EACH ROW SET NEW.Name = upper(NEW.Name)");
            assertThat(tidemark.run("source", "add", "shop", server.url("Shop")).err())
                    .contains("the server's own name of the database Shop is shop");
            tidemark.must("source", "add", "shop", server.url("shop"));
            String copied;
            SqlDump before;
            SqlDump after;
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy("shop");
                copied = SqlDump.of(server, "shop").place();
                server.execute(
                        "SHOP",
                        "DROP TRIGGER in_capitals",
                        "ALTER TABLE Shop.Customer ADD COLUMN Born date",
                        "INSERT INTO cusTomer VALUES (2, 'b', '1999-09-09')",
                        "CREATE TABLE Orders (Id int PRIMARY KEY)",
                        "INSERT INTO ORDERS VALUES (1)");
                before = SqlDump.of(server, "shop");
                server.execute(
                        "Shop",
                        "TRUNCATE ORDERS",
                        "ALTER TABLE CUSTOMER MODIFY Born varchar(20)",
                        "RENAME TABLE Orders TO Purchases",
                        "INSERT INTO Purchases VALUES (7)");
                after = SqlDump.of(server, "shop");
                tidemark.must("create", "--incremental", "--wait", "60");
                tidemark.await(
                        "shop",
                        Duration.ofSeconds(1),
                        history -> history.epochs().size() == 1);
            }
            server.createDatabase("restored");
            tidemark.must("restore", "--target", server.url("restored"), "--to-binlog", copied);
            assertThat(
                            server.value(
                                    "restored",
                                    "SELECT event_object_schema FROM information_schema.triggers WHERE trigger_name = 'in_capitals'"))
                    .isEqualTo("restored");
            for (SqlDump moment : List.of(before, after)) {
                assertThat(moment.difference(tidemark.restoreForSqlDump(server, "--to-binlog", moment.place())))
                        .isEmpty();
            }
        }
    }

    @Test
    void anEncryptedLogIsReadFromAnyPlace() throws Exception {
        Path key = work.resolve("server").resolve("key");
        Files.createDirectories(key.getParent());
        Files.writeString(key, "1;" + "0123456789abcdef".repeat(4) + "\n");
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        try (SqlServer server = SqlServer.start(
                Dialect.MARIADB,
                work.resolve("server"),
                "--plugin-load-add=file_key_management",
                "--file-key-management-filename=" + key,
                "--encrypt-binlog=ON")) {
            server.createDatabase("shop");
            server.execute(
                    "shop", "CREATE TABLE t (id int PRIMARY KEY, v varchar(30))", "INSERT INTO t VALUES (1, 'copied')");
            tidemark.must("source", "add", "shop", server.url("shop"));
            List<SqlDump> moments = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                server.execute("shop", "REPLACE INTO t VALUES (2, 'while nobody reads " + run + "')");
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy("shop");
                    server.execute("shop", "REPLACE INTO t VALUES (3, 'read " + run + "')");
                    moments.add(SqlDump.of(server, "shop"));
                    tidemark.must("create", "--incremental", "--wait", "60");
                }
            }
            tidemark.await(
                    "shop", Duration.ofSeconds(1), history -> history.epochs().size() == 1);
            for (SqlDump moment : moments) {
                assertThat(moment.difference(tidemark.restoreForSqlDump(server, "--to-binlog", moment.place())))
                        .isEmpty();
            }
            assertThat(Files.readString(server.log(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("while nobody reads");
        }
    }

    @Test
    void aLogThatIsCompressedIsRefused() throws Exception {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        try (SqlServer server = SqlServer.start(Dialect.MARIADB, work.resolve("server"), "--log-bin-compress=ON")) {
            server.createDatabase("shop");

            Outcome outcome = tidemark.run("source", "add", "shop", server.url("shop"));

            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err()).contains("log_bin_compress is ON and must be OFF");
        }
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands in the way of capturing a database, before anything is changed. */
@Tag("full")
class BinlogSourceTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String database = Names.unique("source");
    private final String restored = Names.unique("restored");

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void aDatabaseThatTheServerLeavesOutOfItsLogIsRefused(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        try (SqlServer server = testbed.ownSql(product, "not", "--binlog-ignore-db=hidden")) {
            assertOnlyIsRefused(tidemark, server, "hidden");
        }
        try (SqlServer server = testbed.ownSql(product, "only", "--binlog-do-db=shown")) {
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
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        try (SqlServer server = testbed.ownSql(SqlProduct.MARIADB, "server", "--lower-case-table-names=1")) {
            String mixed = "S" + shop.substring(1);
            String upper = shop.toUpperCase(Locale.ROOT);
            server.createDatabase(mixed);
            server.execute(
                    shop,
                    "CREATE TABLE Customer (Id int PRIMARY KEY, Name varchar(9))",
                    "INSERT INTO CUSTOMER VALUES (1, 'a')",
                    "CREATE TRIGGER " + upper
                            + ".in_capitals BEFORE INSERT ON Customer FOR EACH ROW SET NEW.Name = upper(NEW.Name)");
            assertThat(tidemark.run("source", "add", shop, server.url(mixed)).err())
                    .contains("the server's own name of the database " + mixed + " is " + shop);
            tidemark.must("source", "add", shop, server.url(shop));
            String copied;
            SqlDump before;
            SqlDump after;
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(shop);
                copied = SqlDump.of(server, shop).place();
                server.execute(
                        upper,
                        "DROP TRIGGER in_capitals",
                        "ALTER TABLE " + mixed + ".Customer ADD COLUMN Born date",
                        "INSERT INTO cusTomer VALUES (2, 'b', '1999-09-09')",
                        "CREATE TABLE Orders (Id int PRIMARY KEY)",
                        "INSERT INTO ORDERS VALUES (1)");
                before = SqlDump.of(server, shop);
                server.execute(
                        mixed,
                        "TRUNCATE ORDERS",
                        "ALTER TABLE CUSTOMER MODIFY Born varchar(20)",
                        "RENAME TABLE Orders TO Purchases",
                        "INSERT INTO Purchases VALUES (7)");
                after = SqlDump.of(server, shop);
                tidemark.must("create", "--incremental", "--wait", "60");
                tidemark.await(
                        shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
            }
            server.createDatabase(restored);
            tidemark.must("restore", "--target", server.url(restored), "--to-binlog", copied);
            assertThat(
                            server.value(
                                    restored,
                                    "SELECT event_object_schema FROM information_schema.triggers WHERE trigger_name = 'in_capitals'"))
                    .isEqualTo(restored);
            for (SqlDump moment : List.of(before, after)) {
                assertThat(moment.difference(
                                tidemark.restoreForSqlDump(server, restored, "--to-binlog", moment.place())))
                        .isEmpty();
            }
        }
    }

    @Test
    void anEncryptedLogIsReadFromAnyPlace() throws Exception {
        Path key = testbed.resolve("server").resolve("key");
        Files.createDirectories(key.getParent());
        Files.writeString(key, "1;" + "0123456789abcdef".repeat(4) + "\n");
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        try (SqlServer server = testbed.ownSql(
                SqlProduct.MARIADB,
                "server",
                "--plugin-load-add=file_key_management",
                "--file-key-management-filename=" + key,
                "--encrypt-binlog=ON")) {
            server.createDatabase(shop);
            server.execute(
                    shop, "CREATE TABLE t (id int PRIMARY KEY, v varchar(30))", "INSERT INTO t VALUES (1, 'copied')");
            tidemark.must("source", "add", shop, server.url(shop));
            List<SqlDump> moments = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                server.execute(shop, "REPLACE INTO t VALUES (2, 'while nobody reads " + run + "')");
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy(shop);
                    server.execute(shop, "REPLACE INTO t VALUES (3, 'read " + run + "')");
                    moments.add(SqlDump.of(server, shop));
                    tidemark.must("create", "--incremental", "--wait", "60");
                }
            }
            tidemark.await(
                    shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
            for (SqlDump moment : moments) {
                assertThat(moment.difference(
                                tidemark.restoreForSqlDump(server, restored, "--to-binlog", moment.place())))
                        .isEmpty();
            }
            assertThat(Files.readString(server.log("binlog.000001"), StandardCharsets.ISO_8859_1))
                    .doesNotContain("while nobody reads");
        }
    }

    @Test
    void aLogThatIsCompressedIsRefused() throws Exception {
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        try (SqlServer server = testbed.ownSql(SqlProduct.MARIADB, "server", "--log-bin-compress=ON")) {
            server.createDatabase(shop);

            Outcome outcome = tidemark.run("source", "add", shop, server.url(shop));

            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err()).contains("log_bin_compress is ON and must be OFF");
        }
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.LogTail;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that follow others through foreign keys, which the binary logs of MariaDB and MySQL do not tell. */
@Tag("full")
class BinlogForeignKeysTest {
    private static final String[] TABLES = {
        "CREATE DATABASE elsewhere",
        "CREATE TABLE elsewhere.region (id int PRIMARY KEY)",
        "INSERT INTO elsewhere.region VALUES (1), (2)",
        "CREATE TABLE customer (id int PRIMARY KEY, code varchar(9) NOT NULL, note varchar(20), UNIQUE (code), region int, "
                + "FOREIGN KEY (region) REFERENCES elsewhere.region (id) ON UPDATE CASCADE)",
        "INSERT INTO customer VALUES (1, 'a', NULL, 1), (2, 'b', 'x', 2), (3, 'c', NULL, NULL)",
        // The key of these is the other's, and their own rows are followed in turn.
        "CREATE TABLE orders (code varchar(9), nr int, total int, PRIMARY KEY (code, nr), "
                + "FOREIGN KEY (code) REFERENCES customer (code) ON DELETE CASCADE ON UPDATE CASCADE)",
        "INSERT INTO orders VALUES ('a', 1, 10), ('a', 2, 20), ('b', 1, 30)",
        "CREATE TABLE line (code varchar(9), nr int, item varchar(9), "
                + "FOREIGN KEY (code, nr) REFERENCES orders (code, nr) ON UPDATE CASCADE)",
        "INSERT INTO line VALUES ('a', 1, 'tea'), ('a', 1, 'tea'), ('b', 1, 'milk')",
        "CREATE TABLE visit (id int PRIMARY KEY, customer int, "
                + "FOREIGN KEY (customer) REFERENCES customer (id) ON UPDATE SET NULL)",
        "INSERT INTO visit VALUES (1, 1), (2, 2), (3, 3)"
    };

    private static final List<List<String>> STEPS = List.of(
            List.of("UPDATE customer SET code = 'aa' WHERE id = 1"),
            List.of("UPDATE customer SET note = 'y'", "UPDATE orders SET total = total + 1 WHERE code = 'aa'"),
            List.of("UPDATE customer SET id = 22 WHERE code = 'b'"),
            List.of(
                    "BEGIN",
                    "INSERT INTO orders VALUES ('c', 1, 5)",
                    "UPDATE customer SET code = concat(code, '!') ORDER BY code DESC",
                    "UPDATE customer SET id = id + 100 WHERE code = 'aa!'",
                    "DELETE FROM line WHERE item = 'milk'",
                    "COMMIT"),
            List.of("UPDATE elsewhere.region SET id = 7 WHERE id = 1"),
            List.of("DELETE FROM orders WHERE code = 'c!'", "DELETE FROM line WHERE item = 'tea' LIMIT 1"),
            List.of(
                    "CREATE TABLE late (code varchar(9), FOREIGN KEY (code) REFERENCES customer (code) ON UPDATE CASCADE)",
                    "INSERT INTO late VALUES ('c!'), ('c!'), ('aa!')"),
            List.of("UPDATE customer SET code = 'last' WHERE code = 'c!'"),
            List.of("UPDATE customer SET code = 'aa!' WHERE code = 'aa!'", "UPDATE customer SET region = 2"));

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String restored = Names.unique("restored");

    private final String shop = Names.unique("shop");

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void rowsThatFollowOthersAreReadInTheirPlace(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        List<SqlDump> moments = new ArrayList<>();
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        server.execute(shop, TABLES);
        tidemark.withSource(shop, server.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (List<String> step : STEPS) {
                server.execute(shop, step.toArray(new String[0]));
                moments.add(SqlDump.of(server, shop));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("verify", shop, "--against-source").out()).contains("source equal   true");
            tidemark.await(
                    shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
        }
        for (int i = 0; i < moments.size(); i++) {
            assertThat(moments.get(i)
                            .difference(tidemark.restoreForSqlDump(
                                    server,
                                    restored,
                                    "--to-binlog",
                                    moments.get(i).place())))
                    .as("after step %s", i)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatCannotBeTakenBackBeginsANewEpoch(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        server.execute(shop, TABLES);
        tidemark.withSource(shop, server.url(shop));
        SqlDump before;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            server.execute(shop, "DELETE FROM visit");
            before = SqlDump.of(server, shop);
            server.execute(shop, "UPDATE customer SET note = 'captured'");
            tidemark.must("create", "--incremental", "--wait", "60");
        }
        int epoch = 0;
        for (String second : List.of(
                "UPDATE customer SET code = 'third' WHERE code = 'second'",
                "DELETE FROM customer WHERE code = 'second'")) {
            epoch++;
            server.execute(shop, "UPDATE customer SET code = 'second' WHERE id = 3", second);
            try (Service service = tidemark.start()) {
                tidemark.awaitEpoch(shop, epoch);
                tidemark.must("create", "--incremental", "--wait", "60");
                assertThat(tidemark.must("verify", shop, "--against-source").out())
                        .contains("source equal   true");
            }
        }
        assertThat(tidemark.must("timeline", shop).out()).contains("through a foreign key");
        SqlDump after = SqlDump.of(server, shop);
        assertThat(after.difference(tidemark.restoreForSqlDump(server, restored)))
                .isEmpty();
        assertThat(before.difference(tidemark.restoreForSqlDump(server, restored, "--to-binlog", before.place())))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.tidemark.testbed.sql.SqlProduct#some")
    void theyAreReadAnewIfIngestDiesMeanwhile(SqlProduct product) throws Exception {
        Installation tidemark = Installation.in(testbed);
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE owner (id int PRIMARY KEY, name varchar(9))",
                "INSERT INTO owner VALUES (1, 'a'), (2, 'b')",
                "CREATE TABLE wide (id int PRIMARY KEY, owner int, filler varchar(300), "
                        + "FOREIGN KEY (owner) REFERENCES owner (id) ON UPDATE CASCADE)",
                "INSERT INTO wide SELECT seq, 1 + seq % 2, repeat('x', 250) FROM (" + SqlServer.numbers(80_000)
                        + ") n");
        tidemark.withSource(shop, server.url(shop));
        SqlDump moved;
        SqlDump last;
        try (RoleProcess ingest = RoleProcess.start(tidemark, "ingest", "256m");
                RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
            tidemark.awaitCopy(shop);
            try (LogTail log = LogTail.open(tidemark, shop)) {
                server.execute(
                        shop,
                        "BEGIN",
                        "INSERT INTO owner VALUES (3, 'c')",
                        "UPDATE owner SET id = 9 WHERE id = 1",
                        "COMMIT");
                log.awaitPartOfATransaction();
                ingest.kill();
                assertThat(log.endsWithinATransaction()).isTrue();
                moved = SqlDump.of(server, shop);
                server.execute(
                        shop, "UPDATE wide SET filler = 'y' WHERE id % 1000 = 1", "DELETE FROM wide WHERE id < 9");
                ingest.killAndRestart();
                log.awaitEndOfTransaction();
            }
            last = SqlDump.of(server, shop);
            tidemark.must("create", "--incremental", "--wait", "120");
            assertThat(others.isAlive()).isTrue();
        }
        for (SqlDump moment : List.of(moved, last)) {
            assertThat(moment.difference(tidemark.restoreForSqlDump(server, restored, "--to-binlog", moment.place())))
                    .isEmpty();
        }
    }
}

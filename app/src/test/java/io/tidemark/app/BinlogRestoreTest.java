package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What restores into MariaDB and MySQL do besides bringing everything back. */
class BinlogRestoreTest {
    private static final int TABLES = 15;

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void rowsThatForeignKeysDeletedWithoutTheLogStayAway(SqlProduct product) throws Exception {
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE tree (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)",
                "CREATE TABLE parent (a int, b varchar(5), PRIMARY KEY (a, b))",
                "CREATE TABLE child (id int PRIMARY KEY, a int, b varchar(5), FOREIGN KEY (a, b) REFERENCES parent (a, b) "
                        + "ON DELETE CASCADE)",
                "CREATE TABLE apple (id int PRIMARY KEY, child int, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE)",
                "CREATE TABLE loose (id int PRIMARY KEY, child int, FOREIGN KEY (child) REFERENCES child (id) ON DELETE SET NULL)",
                "INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, NULL), (5, 4)",
                "INSERT INTO parent VALUES (1, 'x'), (2, 'y')",
                "INSERT INTO child VALUES (1, 1, 'x'), (2, 2, 'y'), (3, NULL, 'z')",
                "INSERT INTO apple VALUES (1, 1), (2, 2), (3, NULL)",
                "INSERT INTO loose VALUES (1, 1), (2, 2)");
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        Outcome added = tidemark.must("source", "add", shop, server.url(shop));
        assertThat(added.err()).contains("changes rows without the binary log");
        SqlDump before;
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            before = SqlDump.of(server, shop);
            server.execute(shop, "DELETE FROM tree WHERE id = 1", "DELETE FROM parent WHERE a = 1");
            tidemark.must("create", "--incremental", "--wait", "60");
            assertThat(tidemark.run("verify", shop, "--against-source").exitCode())
                    .isEqualTo(3);
        }
        SqlDump after = SqlDump.of(server, shop);
        assertThat(before.difference(tidemark.restoreForSqlDump(server, restored, "--to-binlog", before.place())))
                .isEmpty();
        tidemark.must("restore", "--target", server.url(restored), "--allow-clear", "--yes");
        assertThat(after.difference(SqlDump.of(server, restored))).isEmpty();

        tidemark.must("restore", "--target", server.url(restored), "--allow-clear", "--yes", "--table", "parent");
        assertThat(after.difference(SqlDump.of(server, restored))).isEmpty();
        assertThat(tidemark.run("restore", "--target", server.url(restored)).err())
                .contains("the target is not empty");
        assertThat(tidemark.run("restore", "--target", "postgresql://a@127.0.0.1/b")
                        .err())
                .contains("a backup of " + product.scheme() + " cannot be restored into postgresql");
        assertThat(tidemark.must("restore", "--dry-run").out()).contains(shop);
    }

    @Tag("full")
    @ParameterizedTest
    @MethodSource("io.tidemark.testbed.sql.SqlProduct#some")
    void aKilledRestoreGoesOnWhereItWas(SqlProduct product) throws Exception {
        Random random = Seed.random();
        SqlServer server = testbed.sql(product);
        server.createDatabase(shop);
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < TABLES; i++) {
            statements.add("CREATE TABLE t" + i + " (id int AUTO_INCREMENT PRIMARY KEY, v text, r int, KEY (r)"
                    + (i > 0 ? ", FOREIGN KEY (r) REFERENCES t" + (i - 1) + " (id)" : "") + ")");
            statements.add("CREATE VIEW v" + i + " AS SELECT count(*) FROM t" + i);
            statements.add("CREATE TRIGGER g" + i + " BEFORE INSERT ON t" + i + " FOR EACH ROW SET NEW.v = 'fired'");
            statements.add(
                    "INSERT INTO t" + i + " (v, r) SELECT md5(seq), seq FROM (" + SqlServer.numbers(400) + ") n");
        }
        server.execute(shop, statements.toArray(new String[0]));
        Installation tidemark = Installation.in(testbed);
        tidemark.withSource(shop, server.url(shop));
        tidemark.set("restore.jobs", "1");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        server.createDatabase(restored);
        int kills = 0;
        int steps = 1;
        while (true) {
            steps += 4 + random.nextInt(2 * TABLES);
            List<String> command = new ArrayList<>(List.of("restore", "--target", server.url(restored)));
            if (kills > 0) {
                command.add("--resume");
            }
            try (RoleProcess restore = RoleProcess.command(tidemark, "256m", command.toArray(new String[0]))) {
                int enough = steps;
                Await.until(
                        "the restore comes so far",
                        Duration.ofMinutes(2),
                        () -> !restore.isAlive() || tidemark.restoreSteps() >= enough);
                if (!restore.isAlive()) {
                    assertThat(restore.awaitEnd()).as(restore.output()).isZero();
                    break;
                }
                restore.kill();
                kills++;
            }
        }
        System.out.println(kills + " kills");
        assertThat(kills).isPositive();
        assertThat(SqlDump.of(server, shop).difference(SqlDump.of(server, restored)))
                .isEmpty();
    }
}

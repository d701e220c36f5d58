package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A restore destroys nothing by surprise, and one object that the target refuses does not keep the rest away. */
@Tag("full")
class RestoreIntoTest {
    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    private static void backUp(Installation tidemark, String source) throws Exception {
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(source);
        }
    }

    private static Outcome answering(String answer, Installation tidemark, String... arguments) {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
            return tidemark.run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void onlyWhatIsReplacedIsDroppedAndOnlyAfterAYes() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TYPE kind AS ENUM ('a', 'b')",
                "CREATE TABLE coupon (id int PRIMARY KEY, k kind)",
                "CREATE TABLE precious (id int PRIMARY KEY)",
                "INSERT INTO coupon VALUES (1, 'a'), (2, 'b')",
                "INSERT INTO precious VALUES (1)");
        Installation tidemark = Installation.of(testbed, server, shop);
        backUp(tidemark, shop);
        String target = server.url(restored);
        server.createDatabase(restored);
        tidemark.must("restore", "--target", target);
        server.execute(restored, "INSERT INTO precious VALUES (2)", "DELETE FROM coupon");

        Outcome held = tidemark.run("restore", "--target", target, "--table", "coupon");
        Outcome refused =
                answering("no\n", tidemark, "restore", "--target", target, "--table", "coupon", "--allow-clear");
        server.execute(restored, "CREATE VIEW valid AS SELECT * FROM coupon");
        Outcome needed = tidemark.run("restore", "--target", target, "--table", "coupon", "--allow-clear", "--yes");
        server.execute(restored, "DROP VIEW valid");
        Outcome done =
                answering("yes\n", tidemark, "restore", "--target", target, "--table", "coupon", "--allow-clear");

        assertThat(held.exitCode()).isEqualTo(1);
        assertThat(held.err())
                .contains("the target holds public.coupon already")
                .doesNotContain("precious");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("  public.coupon").contains("nothing was dropped");
        assertThat(needed.exitCode()).isEqualTo(1);
        assertThat(needed.err())
                .contains("cannot drop \"public\".\"coupon\"")
                .contains("view public.valid depends on table public.coupon");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.err()).contains("kept type public.kind");
        assertThat(server.value(restored, "SELECT count(*) FROM coupon")).isEqualTo("2");
        assertThat(server.value(restored, "SELECT count(*) FROM precious")).isEqualTo("2");
    }

    /** Of a table that was asked for nothing may be missing; what it only needs stays as it is, and so do all counters of others. */
    @Test
    void whatTablesOnlyNeedStaysAndTheirOwnIsNeverLeftOut() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE kept (id int PRIMARY KEY)",
                "CREATE TABLE coupon (n serial) INHERITS (kept)",
                "ALTER TABLE coupon ADD PRIMARY KEY (id)",
                "CREATE SEQUENCE invoice_no",
                "SELECT nextval('invoice_no')",
                "INSERT INTO kept VALUES (1)",
                "INSERT INTO coupon (id) VALUES (2), (3)");
        Installation tidemark = Installation.of(testbed, server, shop);
        backUp(tidemark, shop);
        server.createDatabase(restored);
        String target = server.url(restored);
        tidemark.must("restore", "--target", target);
        server.execute(
                restored, "INSERT INTO kept VALUES (10)", "SELECT setval('invoice_no', 5000)", "DROP TABLE coupon");

        tidemark.must("restore", "--target", target, "--table", "coupon");
        assertThat(server.value(restored, "SELECT count(*) FROM ONLY kept")).isEqualTo("2");
        assertThat(server.value(restored, "SELECT nextval('invoice_no')")).isEqualTo("5001");
        assertThat(server.value(restored, "SELECT nextval('coupon_n_seq')")).isEqualTo("3");

        Outcome parts = tidemark.run("restore", "--target", target, "--table", "kept", "--allow-clear", "--yes");
        assertThat(parts.exitCode()).isEqualTo(1);
        assertThat(parts.err()).contains("has parts that are not restored: ").contains("coupon");

        server.execute(restored, "ALTER TABLE coupon RENAME TO coupon_old");
        Outcome nameTaken = tidemark.run("restore", "--target", target, "--table", "coupon");
        assertThat(nameTaken.exitCode()).isEqualTo(1);
        assertThat(nameTaken.err()).contains("not restored: ").contains("coupon_pkey");
    }

    @Test
    void aLiveSourceIsNeverCleared() throws Exception {
        PostgresServer server = testbed.postgres();
        SqlServer other = testbed.sql(SqlProduct.MARIADB);
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        String mariadb = Names.unique("mariadb");
        other.createDatabase(mariadb);
        other.execute(mariadb, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Installation tidemark = Installation.of(testbed, server, shop);
        tidemark.must("source", "add", mariadb, other.url(mariadb));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            tidemark.awaitCopy(mariadb);
        }
        for (String[] live : new String[][] {{shop, server.url(shop)}, {mariadb, other.url(mariadb)}}) {
            Outcome all = tidemark.run("restore", live[0], "--target", live[1], "--allow-clear", "--yes");
            Outcome table =
                    tidemark.run("restore", live[0], "--target", live[1], "--table", "t", "--allow-clear", "--yes");

            assertThat(all.exitCode()).isEqualTo(1);
            assertThat(all.err()).contains("the target is the live source of " + live[0]);
            assertThat(table.err()).contains("the target is the live source of " + live[0]);
        }
        assertThat(server.value(shop, "SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(other.value(mariadb, "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void whatTheTargetRefusesIsListedAndMadeWhenItCanBe() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent, n int)",
                "CREATE INDEX by_n ON child (n)",
                "CREATE VIEW both_of_them AS SELECT c.id, p.id AS p FROM child c JOIN parent p ON p.id = c.p",
                "SET session_replication_role = replica",
                "INSERT INTO child VALUES (1, 99, 1)");
        Installation tidemark = Installation.of(testbed, server, shop);
        backUp(tidemark, shop);
        server.createDatabase(restored);
        String target = server.url(restored);

        Outcome outcome = tidemark.run("restore", "--target", target);
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("not restored: constraint child_p_fkey on public.child: ")
                .contains("Key (p)=(99) is not present in table \"parent\"")
                .contains("FOREIGN KEY (p) REFERENCES")
                .contains("1 objects could not be restored");
        assertThat(server.value(restored, "SELECT count(*) FROM child")).isEqualTo("1");
        assertThat(server.value(restored, "SELECT count(*) FROM pg_indexes WHERE indexname = 'by_n'"))
                .isEqualTo("1");
        assertThat(server.value(restored, "SELECT count(*) FROM both_of_them")).isEqualTo("0");

        server.execute(restored, "INSERT INTO parent VALUES (99)");
        tidemark.must("restore", "--target", target, "--resume");
        assertThat(server.value(restored, "SELECT count(*) FROM pg_constraint WHERE conname = 'child_p_fkey'"))
                .isEqualTo("1");

        server.createDatabase("strict" + restored);
        Outcome strict = tidemark.run("restore", "--target", server.url("strict" + restored), "--strict");
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.err()).contains("the restore stopped");
    }

    @Test
    void aViewOfATableThatIsGoneDoesNotKeepTheRestAway() throws Exception {
        SqlServer server = testbed.sql(SqlProduct.MARIADB);
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE gone (id int PRIMARY KEY)",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "INSERT INTO t VALUES (1)",
                "CREATE VIEW broken AS SELECT * FROM gone",
                "CREATE VIEW fine AS SELECT * FROM t",
                "DROP TABLE gone");
        Installation tidemark = Installation.of(testbed, server, shop);
        backUp(tidemark, shop);
        server.createDatabase(restored);

        Outcome outcome = tidemark.run("restore", "--target", server.url(restored));

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("not restored: view ").contains("broken");
        assertThat(server.value(restored, "SELECT count(*) FROM fine")).isEqualTo("1");
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Moments before, between and after changes of a schema of MariaDB or MySQL, rows and objects alike. Statements that one of
 * the two does not know have the other's name before them.
 */
@Tag("full")
class BinlogSchemaChangesTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String restored = Names.unique("restored");

    private final String shop = Names.unique("shop");

    private SqlServer server;
    private Installation tidemark;

    private static final List<String> BEFORE = List.of(
            "CREATE TABLE customer (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL, born date, "
                    + "kind enum('a','b'), KEY (name)) CHARACTER SET latin1",
            "INSERT INTO customer (name, born, kind) VALUES ('Ann', '1980-01-01', 'a'), ('Jürgen', NULL, 'b')",
            "CREATE TABLE orders (id int PRIMARY KEY, customer int, total decimal(8,2), "
                    + "CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer (id))",
            "INSERT INTO orders VALUES (1, 1, 10.50), (2, 2, 20)",
            "CREATE TABLE log (at date NOT NULL, what varchar(10)) PARTITION BY RANGE (year(at)) "
                    + "(PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN (2010))",
            "INSERT INTO log VALUES ('1999-01-01', 'old'), ('2005-01-01', 'new'), ('2005-01-01', 'new')",
            "CREATE TABLE left_out (id int, a int)",
            "CREATE TABLE apart (k varchar(9) PRIMARY KEY, n int AUTO_INCREMENT, UNIQUE KEY (n))",
            "INSERT INTO apart (k) VALUES ('b'), ('a')",
            "CREATE TABLE second (k int, n int AUTO_INCREMENT, PRIMARY KEY (k, n), KEY (n))",
            "INSERT INTO second (k) VALUES (-1), (-1), (300), (2)",
            "mariadb: CREATE SEQUENCE number START WITH 5 INCREMENT BY 2",
            "CREATE VIEW b_view AS SELECT what FROM log",
            "CREATE VIEW a_view AS SELECT * FROM b_view");

    /** Each is followed by a moment; rows are what makes a wrong schema show. */
    private static final List<List<String>> STEPS = List.of(
            List.of("ALTER TABLE customer ADD COLUMN note varchar(10)", "UPDATE customer SET note = 'n' WHERE id = 1"),
            List.of("ALTER TABLE customer ADD COLUMN points int NOT NULL DEFAULT 5 FIRST"),
            List.of("INSERT INTO customer (name, kind) VALUES ('Cid', 'a')"),
            List.of(
                    "ALTER TABLE customer ADD COLUMN (score decimal(6,2) NOT NULL DEFAULT 1.5, word varchar(5) NOT NULL DEFAULT 'é')"),
            List.of(
                    "ALTER TABLE customer RENAME COLUMN note TO remark",
                    "UPDATE customer SET remark = 'r' WHERE id = 2"),
            List.of("ALTER TABLE customer CHANGE born birthday date AFTER kind, DROP COLUMN points"),
            List.of("DELETE FROM customer WHERE id = 3"),
            List.of(
                    "ALTER TABLE customer MODIFY name varchar(40) CHARACTER SET latin1 NOT NULL, "
                            + "MODIFY kind enum('a','b','c'), ADD COLUMN twice int AS (length(name) * 2) STORED",
                    "INSERT INTO customer (name, kind) VALUES ('Dora', 'c')"),
            List.of(
                    "ALTER TABLE orders MODIFY total decimal(12,2), ADD INDEX by_total (total), ADD UNIQUE (id, customer)"),
            List.of("RENAME TABLE orders TO purchase", "INSERT INTO purchase VALUES (3, 1, 7)"),
            List.of("RENAME TABLE purchase TO t, customer TO purchase, t TO customer"),
            List.of("RENAME TABLE purchase TO t, customer TO orders, t TO customer"),
            List.of("TRUNCATE TABLE orders", "INSERT INTO orders VALUES (9, NULL, 9)"),
            List.of("CREATE TABLE copy LIKE customer", "INSERT INTO copy (name) SELECT name FROM customer"),
            List.of(
                    "mariadb: CREATE TABLE taken AS SELECT id, name FROM customer",
                    "mysql: CREATE TABLE taken (id int, name varchar(40) CHARACTER SET latin1)",
                    "mysql: INSERT INTO taken SELECT id, name FROM customer"),
            List.of("DROP TABLE copy", "CREATE TABLE copy (only_one int)", "INSERT INTO copy VALUES (1), (1)"),
            List.of(
                    "ALTER TABLE log ADD PARTITION (PARTITION p2 VALUES LESS THAN (2020))",
                    "INSERT INTO log VALUES ('2015-01-01', 'p2')"),
            List.of("DROP VIEW a_view", "CREATE OR REPLACE VIEW b_view AS SELECT at, what FROM log"),
            List.of(
                    "CREATE PROCEDURE add_one(IN what varchar(10)) BEGIN INSERT INTO log VALUES ('2015-02-02', what); END",
                    "CREATE FUNCTION plus(a int) RETURNS int DETERMINISTIC RETURN a + 1",
                    "CREATE TRIGGER shout BEFORE INSERT ON log FOR EACH ROW SET NEW.what = upper(NEW.what)",
                    "CREATE EVENT daily ON SCHEDULE EVERY 1 DAY DO DELETE FROM log WHERE at < '1900-01-01'",
                    "CALL add_one('loud')"),
            List.of("DROP TRIGGER shout", "CALL add_one('quiet')"),
            List.of(
                    "CREATE DATABASE IF NOT EXISTS elsewhere",
                    "mariadb: CREATE OR REPLACE TABLE elsewhere.t (a inet6)",
                    "mariadb: ALTER TABLE elsewhere.t ADD COLUMN b inet6",
                    "mariadb: INSERT INTO elsewhere.t VALUES ('::1', '::2')",
                    "mysql: CREATE TABLE elsewhere.t (a json)",
                    "mysql: ALTER TABLE elsewhere.t ADD COLUMN b json",
                    "mysql: INSERT INTO elsewhere.t VALUES ('1', '2')",
                    "ALTER TABLE %s.customer ADD COLUMN qualified int",
                    "CREATE TABLE IF NOT EXISTS customer (other int)"),
            List.of(
                    "ALTER TABLE left_out ADD COLUMN b varchar(9), ADD COLUMN c int, DROP COLUMN a",
                    "mariadb: ALTER TABLE left_out MODIFY b inet6",
                    "INSERT INTO left_out (b, c) VALUES ('::1', 1)"),
            List.of("CREATE INDEX by_kind ON customer (kind)", "DROP INDEX by_kind ON customer"),
            List.of(
                    "mariadb: CREATE TABLE counted (n int unsigned NOT NULL AUTO_INCREMENT, s varchar(9) CHARACTER SET utf8mb4 "
                            + "DEFAULT 'd', up varchar(9) GENERATED ALWAYS AS (upper(s)) VIRTUAL, u uuid, a inet6, PRIMARY KEY (n))",
                    "mysql: CREATE TABLE counted (n int unsigned NOT NULL AUTO_INCREMENT, s varchar(9) CHARACTER SET utf8mb4 "
                            + "DEFAULT 'd', up varchar(9) GENERATED ALWAYS AS (upper(s)) VIRTUAL, PRIMARY KEY (n)) CHARACTER SET latin1",
                    "mariadb: INSERT INTO counted (s, u, a) VALUES ('x', uuid(), '::1'), ('y', NULL, NULL)",
                    "mysql: ALTER TABLE counted ADD COLUMN u json, ADD COLUMN a point, ALGORITHM = INSTANT",
                    "mysql: INSERT INTO counted (s, u, a) VALUES ('x', '{}', point(1, 2)), ('y', NULL, NULL)"),
            List.of(
                    "mariadb: ALTER TABLE counted CHARACTER SET latin1, ADD COLUMN IF NOT EXISTS s int, ADD COLUMN j json",
                    "mysql: ALTER TABLE counted ADD COLUMN j json, ADD COLUMN g geometry, "
                            + "ADD COLUMN old varchar(9) NOT NULL DEFAULT 'it''s'",
                    "UPDATE counted SET j = '{\"a\": 1.5}'"),
            List.of("ALTER TABLE orders DROP FOREIGN KEY of_customer", "DROP TABLE taken"),
            // Another table has columns of these names, with values.
            List.of("ALTER TABLE orders ADD COLUMN remark int, RENAME COLUMN total TO name"));

    private void begin(SqlProduct product) throws Exception {
        server = testbed.sql(product);
        server.createDatabase(shop);
        execute(BEFORE);
        tidemark = Installation.in(testbed);
        tidemark.must("init");
        tidemark.must("source", "add", shop, server.url(shop), "--exclude", "left_out");
    }

    /** Runs those statements that the server's language has. */
    private void execute(List<String> statements) throws Exception {
        server.execute(
                shop,
                statements.stream()
                        .filter(text -> Arrays.stream(SqlProduct.values())
                                .noneMatch(
                                        other -> other != server.product() && text.startsWith(other.scheme() + ": ")))
                        .map(text -> text.replaceFirst("^" + server.product().scheme() + ": ", "")
                                .replace("%s", shop))
                        .toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void everyMomentHasTheSchemaItHad(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (List<String> step : STEPS) {
                execute(step);
                moments.add(SqlDump.of(server, shop));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("verify", shop, "--against-source").out()).contains("source equal   true");
        }
        assertEachRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void statementsThatWereMissedAreReplayed(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        for (List<String> step : STEPS.subList(0, 1)) {
            execute(step);
            moments.add(SqlDump.of(server, shop));
        }
        for (List<String> step : STEPS.subList(4, 5)) {
            execute(step);
            moments.add(SqlDump.of(server, shop));
        }
        server.execute(shop, "INSERT INTO customer (name, remark) VALUES ('Eve', 'late')");
        moments.add(SqlDump.of(server, shop));
        execute(STEPS.get(9));
        moments.add(SqlDump.of(server, shop));
        for (String statement : List.of(
                "CREATE INDEX by_remark ON customer (remark)",
                "SET STATEMENT max_statement_time = 9 FOR CREATE VIEW c_view AS SELECT id FROM %s.customer",
                "CREATE PROCEDURE %s.say(a int) SELECT id FROM %s.customer",
                "CREATE USER IF NOT EXISTS somebody",
                "/*!50001 DROP VIEW */ a_view",
                "CREATE TRIGGER late BEFORE INSERT ON log FOR EACH ROW SET NEW.what = upper(NEW.what)",
                "CREATE TABLE %s.made (id int PRIMARY KEY, n int)",
                "ALTER TABLE made DROP COLUMN n",
                "INSERT INTO made VALUES (1)",
                "DROP TABLE %s.made")) {
            execute(List.of(
                    server.product() == SqlProduct.MARIADB ? statement : statement.replaceFirst("^SET .* FOR ", "")));
            moments.add(SqlDump.of(server, shop));
        }
        execute(List.of("ALTER TABLE %s.customer ADD COLUMN qualified int", "CREATE TABLE %s.made (id int)"));
        moments.add(SqlDump.of(server, shop));
        SqlDump untouched = SqlDump.of(server, shop);
        try (Service service = tidemark.start()) {
            tidemark.must("create", "--incremental", "--wait", "60");
        }
        assertEachRestores(moments);
        assertThat(untouched.difference(SqlDump.of(server, shop))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void objectsAreThoseOfTheirMomentThoughTheServersAreFurther(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        for (String statement : List.of(
                "CREATE INDEX by_born ON customer (born)",
                "CREATE VIEW c_view AS SELECT id FROM customer",
                "DROP VIEW a_view")) {
            execute(List.of(statement));
            moments.add(SqlDump.of(server, shop));
        }
        try (Service service = tidemark.start()) {
            tidemark.must("create", "--incremental", "--wait", "60");
        }
        assertEachRestores(moments);
    }

    /** What these do to rows is not in the binary log. */
    private static final List<List<String>> REWRITES = List.of(
            List.of("ALTER TABLE log DROP /* the oldest */ PARTITION p0"),
            List.of("ALTER TABLE customer MODIFY born varchar(30)", "UPDATE customer SET born = 'then' WHERE id = 2"),
            List.of("ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, customer)"),
            List.of("INSERT INTO orders VALUES (1, 2, 3)"),
            List.of("ALTER TABLE customer ADD COLUMN made datetime(6) NOT NULL DEFAULT now(6), RENAME TO person"),
            List.of("RENAME TABLE person TO customer"),
            List.of("ALTER TABLE log ADD COLUMN more int, ALGORITHM = COPY"),
            List.of("INSERT INTO log VALUES ('2005-01-01', 'new', NULL)", "DELETE FROM log WHERE what = 'new' LIMIT 1"),
            List.of("ALTER TABLE customer CONVERT TO CHARACTER SET utf8mb4"),
            List.of("ALTER TABLE customer ADD COLUMN long_name varchar(30) AS (concat(name, '!')) STORED"),
            List.of("ALTER TABLE customer MODIFY long_name varchar(30)"),
            List.of("CREATE TABLE past (at date NOT NULL, what varchar(10), more int)"),
            List.of("INSERT INTO past VALUES ('2004-01-01', 'past', 1)"),
            List.of("ALTER TABLE log EXCHANGE PARTITION p1 WITH TABLE past"),
            List.of("mariadb: ALTER TABLE customer ADD COLUMN seen inet6, ADD COLUMN word uuid"),
            List.of("mariadb: UPDATE customer SET seen = '::1', word = uuid()"),
            List.of("CREATE TABLE elsewhere.moved (id int PRIMARY KEY)", "INSERT INTO elsewhere.moved VALUES (1), (2)"),
            List.of("RENAME TABLE elsewhere.moved TO moved"),
            List.of("INSERT INTO moved VALUES (3)"),
            List.of("ALTER TABLE moved RENAME TO elsewhere.moved"),
            List.of("ALTER TABLE elsewhere.moved RENAME TO %s.moved"),
            List.of("TRUNCATE /* all of it */ TABLE moved"),
            List.of("ALTER TABLE log TRUNCATE PARTITION p1"),
            List.of(
                    "ALTER TABLE apart MODIFY k varchar(9) CHARACTER SET latin1",
                    "INSERT INTO apart (k) VALUES ('ä')"));

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatTheLogDoesNotTellIsReadAgainInItsPlace(SqlProduct product) throws Exception {
        begin(product);
        server.createDatabase("elsewhere");
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (List<String> step : REWRITES) {
                execute(step);
                moments.add(SqlDump.of(server, shop));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("verify", shop, "--against-source").out()).contains("source equal   true");
            tidemark.await(
                    shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
        }
        assertEachRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatChangedBeforeATableWasReadAgainIsTakenBack(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        for (List<String> step : List.of(
                List.of("ALTER TABLE customer MODIFY born varchar(30)"),
                List.of("INSERT INTO customer (name, born) VALUES ('Eve', 'late')"),
                List.of(
                        "UPDATE customer SET name = 'Anna' WHERE id = 1",
                        "UPDATE customer SET name = 'Anne' WHERE id = 1"),
                List.of("UPDATE customer SET id = id + 100 WHERE id = 3"),
                List.of("FLUSH BINARY LOGS", "ALTER TABLE log ADD COLUMN more int DEFAULT 1"),
                List.of("DELETE FROM log LIMIT 1"),
                List.of("INSERT INTO log VALUES ('2005-01-01', 'new', 1), ('2005-01-01', 'new', 1)"),
                List.of("UPDATE log SET what = 'other' LIMIT 2", "UPDATE log SET what = 'new' LIMIT 1"),
                List.of("CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (1)"),
                List.of("DELETE FROM orders", "DELETE FROM customer WHERE id = 2"),
                List.of("INSERT INTO customer (id, name) VALUES (2, 'again')"))) {
            for (String statement : step) {
                execute(List.of(statement));
                moments.add(SqlDump.of(server, shop));
            }
        }
        try (Service service = tidemark.start()) {
            tidemark.must("create", "--incremental", "--wait", "60");
            tidemark.await(
                    shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
        }
        assertEachRestores(moments);
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void tablesAreReadAgainAmongOthersWhoWrite(SqlProduct product) throws Exception {
        begin(product);
        server.execute(
                shop,
                "CREATE TABLE busy (id int PRIMARY KEY, v varchar(30) CHARACTER SET latin1)",
                "CREATE TABLE bag (v varchar(30) CHARACTER SET latin1)",
                "INSERT INTO busy SELECT seq, 'x' FROM (" + SqlServer.numbers(2000) + ") n",
                "INSERT INTO bag SELECT 'x' FROM (" + SqlServer.numbers(500) + ") n");
        List<SqlDump> moments = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService writers = Executors.newFixedThreadPool(2);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            Future<Void> keyed = writers.submit(() -> write(over, "busy", Seed.value()));
            Future<Void> bag = writers.submit(() -> write(over, "bag", Seed.value() + 1));
            for (String set : List.of("utf8mb4", "latin1", "utf8mb4", "latin1")) {
                server.executeAmongOthers(shop, "ALTER TABLE busy MODIFY v varchar(30) CHARACTER SET " + set);
                moments.add(SqlDump.of(server, shop));
                server.executeAmongOthers(shop, "ALTER TABLE bag MODIFY v varchar(30) CHARACTER SET " + set);
                moments.add(SqlDump.of(server, shop));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            over.set(true);
            keyed.get();
            bag.get();
            tidemark.must("create", "--incremental", "--wait", "60");
            tidemark.await(
                    shop, Duration.ofSeconds(1), history -> history.epochs().size() == 1);
        } finally {
            over.set(true);
            writers.shutdownNow();
        }
        assertEachRestores(moments);
    }

    private Void write(AtomicBoolean over, String table, long seed) throws Exception {
        Random random = new Random(seed);
        boolean keyed = table.equals("busy");
        for (int i = 10_000; !over.get(); i++) {
            int some = random.nextInt(2000);
            String where = keyed ? " WHERE id = " + some : " LIMIT 1";
            server.executeAmongOthers(
                    shop,
                    switch (random.nextInt(4)) {
                        case 0 ->
                            "INSERT INTO " + table + " (v" + (keyed ? ", id) VALUES ('n', " + i : ") VALUES ('n'")
                                    + ")";
                        case 1 -> "DELETE FROM " + table + where;
                        case 2 ->
                            keyed ? "UPDATE busy SET id = " + (100_000 + i) + where : "UPDATE bag SET v = 'y'" + where;
                        default -> "UPDATE " + table + " SET v = 'é" + some + "'" + where;
                    });
        }
        return null;
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatCannotBeFollowedBeginsANewEpoch(SqlProduct product) throws Exception {
        begin(product);
        List<SqlDump> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            moments.add(SqlDump.of(server, shop));
            tidemark.must("create", "--incremental", "--wait", "60");
        }
        // What is read together with the reason for a new epoch, and before it, belongs to the old one.
        server.execute(shop, "UPDATE customer SET born = '1999-12-31'");
        moments.add(SqlDump.of(server, shop));
        server.execute(
                shop,
                "UPDATE orders SET total = total + 1",
                "ALTER TABLE customer MODIFY born varchar(30)",
                "UPDATE customer SET born = 'x'",
                "ALTER TABLE customer MODIFY born varchar(31), ADD COLUMN more int");
        List<List<String>> steps = List.of(
                List.of(),
                List.of("SET SESSION binlog_format = 'STATEMENT'", "UPDATE orders SET total = total + 1"),
                List.of("SET SESSION binlog_row_image = 'MINIMAL'", "UPDATE customer SET kind = 'b' WHERE id = 1"),
                List.of(
                        "CREATE TABLE document (id int PRIMARY KEY, j json)",
                        "INSERT INTO document VALUES (1, concat('{\"a\": 1, \"b\": \"', repeat('x', 5000), '\"}'))",
                        "mariadb: SET GLOBAL log_bin_compress = ON",
                        "mariadb: UPDATE document SET id = 2",
                        "mariadb: SET GLOBAL log_bin_compress = OFF",
                        "mysql: SET SESSION binlog_row_value_options = 'PARTIAL_JSON'",
                        "mysql: UPDATE document SET j = JSON_SET(j, '$.a', 2)"));
        try (Service service = tidemark.start()) {
            for (int i = 0; i < steps.size(); i++) {
                int epoch = i + 1;
                execute(steps.get(i));
                tidemark.awaitEpoch(shop, epoch);
                moments.add(SqlDump.of(server, shop));
                tidemark.must("create", "--incremental", "--wait", "60");
            }
        }
        assertThat(tidemark.must("timeline", shop).out())
                .contains("was altered again before it could be read")
                .contains("binlog_format must be ROW in all sessions")
                .contains("binlog_row_image must be FULL in all sessions")
                .contains(
                        product == SqlProduct.MARIADB
                                ? "log_bin_compress = OFF"
                                : "binlog_row_value_options must be empty in all sessions");
        assertEachRestores(moments);
    }

    private void assertEachRestores(List<SqlDump> moments) throws Exception {
        for (int i = 0; i < moments.size(); i++) {
            SqlDump moment = moments.get(i);
            assertThat(
                            moment
                                    .difference(
                                            tidemark.restoreForSqlDump(server, restored, "--to-binlog", moment.place()))
                                    .stream()
                                    .filter(line -> !line.contains("INSERT INTO `left_out`")))
                    .as("after step %s, at %s", i, moment.place())
                    .isEmpty();
        }
    }
}

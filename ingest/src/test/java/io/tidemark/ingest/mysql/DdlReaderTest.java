package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Column;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What statements do to the tables under backup, as their texts stand in the logs of MariaDB and MySQL. */
class DdlReaderTest {
    private static final Tables SHOP = new Tables("shop", List.of("left_out"), false);
    private static final List<DdlLanguage> BOTH = List.of(new MariaDbDialect(), new MySqlDialect());

    private static final List<String> BEFORE = List.of(
            "CREATE TABLE customer (id int NOT NULL AUTO_INCREMENT, name varchar(20) NOT NULL, born date, PRIMARY KEY (id))",
            "CREATE TABLE orders (id int PRIMARY KEY, customer int, total decimal(8,2), "
                    + "CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customer (id))",
            "CREATE TABLE bag (a int, b varchar(9))");

    private static DdlReader reader(DdlLanguage language) {
        return new DdlReader(
                SHOP,
                language,
                table -> "utf8mb4",
                (table, column, type, nullable) -> nullable
                        ? new MissingValue.Known(Optional.empty())
                        : new MissingValue.Untold("nobody knows " + column));
    }

    private static Map<String, TableShape> tables(DdlLanguage language) {
        Map<String, TableShape> tables = new HashMap<>();
        for (String statement : BEFORE) {
            tables = new HashMap<>(followed(reader(language).read("shop", statement, "binlog.000001:4", tables)));
        }
        return tables;
    }

    private static Map<String, TableShape> followed(DdlEffect effect) {
        assertThat(effect).isInstanceOf(DdlEffect.Followed.class);
        return ((DdlEffect.Followed) effect).tables();
    }

    private static DdlEffect read(DdlLanguage language, String session, String sql) {
        return reader(language).read(session, sql, "binlog.000001:99", tables(language));
    }

    /** {@code customer(id*, name, born)}, with a star at the columns of the key. */
    private static String describe(Map<String, TableShape> tables) {
        return new TreeMap<>(tables)
                .entrySet().stream()
                        .map(table -> table.getKey() + "("
                                + table.getValue().rows().columns().stream()
                                        .map(column -> column.name() + (isKey(table.getValue(), column) ? "*" : ""))
                                        .collect(Collectors.joining(", "))
                                + ")")
                        .collect(Collectors.joining(" "));
    }

    private static boolean isKey(TableShape shape, Column column) {
        return shape.rows().key().contains(shape.rows().columns().indexOf(column));
    }

    private static final String CUSTOMER = "customer(id*, name, born)";
    private static final String ORDERS = "orders(id*, customer, total)";
    private static final String BAG = "bag(a, b)";

    static Stream<Arguments> statements() {
        return Stream.of(
                        // Columns come, go, move and are renamed; rows stay what they were.
                        followed(
                                "ALTER TABLE customer ADD COLUMN note varchar(9)",
                                BAG,
                                "customer(id*, name, born, note)",
                                ORDERS),
                        followed(
                                "ALTER TABLE customer ADD COLUMN (a int, b int)",
                                BAG,
                                "customer(id*, name, born, a, b)",
                                ORDERS),
                        followed("ALTER TABLE `shop`.`customer` DROP COLUMN born", BAG, "customer(id*, name)", ORDERS),
                        followed(
                                "ALTER TABLE customer RENAME COLUMN name TO label",
                                BAG,
                                "customer(id*, label, born)",
                                ORDERS),
                        followed(
                                "ALTER TABLE customer CHANGE born birthday date",
                                BAG,
                                "customer(id*, name, birthday)",
                                ORDERS),
                        followed("ALTER TABLE customer MODIFY name varchar(30) NOT NULL", BAG, CUSTOMER, ORDERS),
                        // Tables come, go and are renamed.
                        followed("CREATE TABLE made (id int PRIMARY KEY)", BAG, CUSTOMER, "made(id*)", ORDERS),
                        followed("CREATE TABLE IF NOT EXISTS made (id int)", BAG, CUSTOMER, "made(id)", ORDERS),
                        followed("CREATE TABLE copy LIKE customer", BAG, "copy(id*, name, born)", CUSTOMER, ORDERS),
                        followed("DROP TABLE IF EXISTS `orders` /* generated by server */", BAG, CUSTOMER),
                        followed("RENAME TABLE orders TO purchase", BAG, CUSTOMER, "purchase(id*, customer, total)"),
                        followed(
                                "RENAME TABLE orders TO t, customer TO orders, t TO customer",
                                BAG,
                                "customer(id*, customer, total)",
                                "orders(id*, name, born)"),
                        followed(
                                "ALTER TABLE orders RENAME TO purchase",
                                BAG,
                                CUSTOMER,
                                "purchase(id*, customer, total)"),
                        // What leaves columns and rows alone.
                        followed("CREATE INDEX by_name ON customer (name)", BAG, CUSTOMER, ORDERS),
                        followed("ALTER TABLE orders DROP FOREIGN KEY of_customer", BAG, CUSTOMER, ORDERS),
                        followed("CREATE VIEW v AS SELECT id FROM customer", BAG, CUSTOMER, ORDERS),
                        followed("DROP PROCEDURE p", BAG, CUSTOMER, ORDERS),
                        // What is about something else.
                        nothing("shop", "CREATE TABLE IF NOT EXISTS customer (other int)"),
                        nothing("shop", "ALTER TABLE elsewhere.customer ADD COLUMN b int"),
                        nothing("elsewhere", "ALTER TABLE customer ADD COLUMN b int"),
                        nothing("elsewhere", "TRUNCATE TABLE customer"),
                        nothing("shop", "DELETE FROM `elsewhere`.`memory`"),
                        nothing("shop", "FLUSH TABLES"),
                        // Rows are gone.
                        Arguments.of("shop", "TRUNCATE TABLE customer", "truncated customer"),
                        Arguments.of("shop", "TRUNCATE `shop`.`customer`", "truncated customer"),
                        Arguments.of("elsewhere", "truncate shop.customer;", "truncated customer"),
                        // Rows are not what they were.
                        rewritten(
                                "ALTER TABLE customer MODIFY born varchar(30)",
                                "customer",
                                "the column shop.customer.born became"),
                        rewritten(
                                "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, customer)",
                                "orders",
                                "the key of shop.orders changed"),
                        rewritten("ALTER TABLE bag ADD COLUMN c int", "bag", "whose rows have no key"),
                        rewritten(
                                "ALTER TABLE customer ADD COLUMN made datetime(6) NOT NULL DEFAULT now(6)",
                                "customer",
                                "nobody knows made"),
                        // What nobody can tell.
                        unknown("UPDATE customer SET name = 'x'", "binlog_format must be ROW"),
                        unknown("INSERT INTO shop.customer VALUES (1)", "binlog_format must be ROW"),
                        unknown("DROP DATABASE shop", "the database was dropped"),
                        Arguments.of("shop", "ALTER TABLE customer FROBNICATE the rows", "obscure customer"),
                        Arguments.of("shop", "CREATE TABLE strange (a frob(1,2,3) WITH OPTIONS)", "obscure strange"))
                .flatMap(statement -> BOTH.stream().map(language -> {
                    Object[] parts = statement.get();
                    return Arguments.of(language.getClass().getSimpleName(), language, parts[0], parts[1], parts[2]);
                }));
    }

    private static Arguments followed(String sql, String... tables) {
        return Arguments.of("shop", sql, "changed " + String.join(" ", tables));
    }

    private static Arguments nothing(String session, String sql) {
        return Arguments.of(session, sql, "nothing");
    }

    private static Arguments rewritten(String sql, String table, String reason) {
        return Arguments.of("shop", sql, "rewritten [" + table + "] " + reason);
    }

    private static Arguments unknown(String sql, String reason) {
        return Arguments.of("shop", sql, "unknown " + reason);
    }

    @ParameterizedTest(name = "{0}: {3}")
    @MethodSource("statements")
    void effects(String name, DdlLanguage language, String session, String sql, String expected) {
        DdlEffect effect = read(language, session, sql);

        if (effect instanceof DdlEffect.None) {
            assertThat("nothing").isEqualTo(expected);
        } else if (effect instanceof DdlEffect.Truncated truncated) {
            assertThat("truncated " + truncated.table()).isEqualTo(expected);
        } else if (effect instanceof DdlEffect.Changed changed) {
            assertThat("changed " + describe(changed.tables())).isEqualTo(expected);
        } else if (effect instanceof DdlEffect.Rewritten rewritten) {
            String prefix = "rewritten " + rewritten.rewritten() + " ";
            assertThat(expected).startsWith(prefix);
            assertThat(rewritten.reason()).contains(expected.substring(prefix.length()));
        } else if (effect instanceof DdlEffect.Obscure obscure) {
            assertThat("obscure " + obscure.table()).isEqualTo(expected);
        } else {
            assertThat(expected).startsWith("unknown ");
            assertThat(((DdlEffect.Unknown) effect).reason()).contains(expected.substring("unknown ".length()));
        }
    }

    /** Columns keep their identity through names and places, by which rows from before are read. */
    @Test
    void aColumnIsTheSameUnderAnotherName() {
        for (DdlLanguage language : BOTH) {
            Map<String, TableShape> before = tables(language);
            Map<String, TableShape> after = followed(read(
                    language, "shop", "ALTER TABLE customer RENAME COLUMN name TO label, ADD COLUMN name varchar(9)"));

            assertThat(id(after, "label")).isEqualTo(id(before, "name"));
            assertThat(id(after, "name")).isNotIn(id(before, "id"), id(before, "name"), id(before, "born"));
        }
    }

    /** Names of columns are those of one table. */
    @Test
    void columnsOfOtherTablesStayWhatTheyAre() {
        for (DdlLanguage language : BOTH) {
            Map<String, TableShape> before = tables(language);
            for (String change : List.of(
                    "ADD COLUMN total int",
                    "ADD COLUMN IF NOT EXISTS total int",
                    "ADD COLUMN (a int, b int, total varchar(9))",
                    "CHANGE name total varchar(30) NOT NULL",
                    "RENAME COLUMN name TO total",
                    "ADD COLUMN total int AS (id * 2) STORED")) {
                DdlEffect effect = reader(language).read("shop", "ALTER TABLE customer " + change, "p", before);
                if (effect instanceof DdlEffect.Followed followed) {
                    assertThat(effect).as(change).isInstanceOf(DdlEffect.Changed.class);
                    assertThat(followed.tables().get("orders")).as(change).isEqualTo(before.get("orders"));
                    assertThat(followed.tables().get("bag")).as(change).isEqualTo(before.get("bag"));
                } else {
                    // MySQL has no IF NOT EXISTS for columns.
                    assertThat(effect).as(change).isInstanceOf(DdlEffect.Obscure.class);
                }
            }
        }
    }

    private static int id(Map<String, TableShape> tables, String column) {
        return tables.get("customer").rows().columns().stream()
                .filter(candidate -> candidate.name().equals(column))
                .findFirst()
                .orElseThrow()
                .id();
    }

    @Test
    void whatConcernsADatabaseIsSeenByItsTextAlone() {
        assertThat(DdlReader.concerns(SHOP, "shop", "ALTER TABLE t ADD a int")).isTrue();
        assertThat(DdlReader.concerns(SHOP, "elsewhere", "ALTER TABLE shop.t ADD a int"))
                .isTrue();
        assertThat(DdlReader.concerns(SHOP, "elsewhere", "ALTER TABLE `shop` . t ADD a int"))
                .isTrue();
        assertThat(DdlReader.concerns(SHOP, "elsewhere", "DROP DATABASE shop")).isTrue();
        assertThat(DdlReader.concerns(SHOP, "elsewhere", "ALTER TABLE workshop.t ADD a int"))
                .isFalse();
        assertThat(DdlReader.concerns(SHOP, "shop", "CREATE TEMPORARY TABLE t (a int)"))
                .isFalse();
        assertThat(DdlReader.concerns(SHOP, "shop", "CREATE USER somebody")).isFalse();
        assertThat(DdlReader.concerns(SHOP, "shop", "GRANT SELECT ON shop.* TO somebody"))
                .isFalse();
        assertThat(DdlReader.concerns(SHOP, "shop", "DELETE FROM t")).isTrue();
    }

    @Test
    void namesAreWholeNames() {
        assertThat(DdlReader.mentions("ALTER TABLE customer ADD a int", "customer"))
                .isTrue();
        assertThat(DdlReader.mentions("ALTER TABLE `Customer` ADD a int", "customer"))
                .isTrue();
        assertThat(DdlReader.mentions("ALTER TABLE customers ADD a int", "customer"))
                .isFalse();
        assertThat(DdlReader.mentions("ALTER TABLE a$customer ADD a int", "customer"))
                .isFalse();
        assertThat(DdlReader.takesTablesAway("DROP TABLE t")).isTrue();
        assertThat(DdlReader.takesTablesAway("RENAME TABLE t TO u")).isTrue();
        assertThat(DdlReader.takesTablesAway("DROP VIEW v")).isFalse();
        assertThat(DdlReader.isAboutTables("CREATE UNIQUE INDEX i ON t (a)")).isTrue();
        assertThat(DdlReader.isAboutTables("CREATE VIEW v AS SELECT 1")).isFalse();
        assertThat(DdlReader.brief("SELECT\n   1")).isEqualTo("SELECT 1");
    }
}

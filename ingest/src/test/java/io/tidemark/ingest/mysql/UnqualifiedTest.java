package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnqualifiedTest {
    private static final Tables SHOP = new Tables("shop", List.of(), false);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "ALTER TABLE shop.t ADD a int | ALTER TABLE t ADD a int",
                "ALTER TABLE `shop` . `t` ADD a int | ALTER TABLE `t` ADD a int",
                "RENAME TABLE shop.t TO other.shop, shop.u TO shop.v | RENAME TABLE t TO other.shop, u TO v",
                "CREATE TABLE t (a text DEFAULT 'at shop.t', b text COMMENT 'it''s shop.t') | CREATE TABLE t (a text DEFAULT 'at shop.t', b text COMMENT 'it''s shop.t')",
                "CREATE TABLE `a shop.b` (workshop.a int) | CREATE TABLE `a shop.b` (workshop.a int)",
                "CREATE VIEW shop.v AS SELECT shop.t.a FROM shop.t | CREATE VIEW v AS SELECT t.a FROM t",
                "CREATE DEFINER=`root`@`localhost` TRIGGER shop.tr BEFORE INSERT ON shop.t FOR EACH ROW DELETE FROM shop.u | CREATE DEFINER=`root`@`localhost` TRIGGER tr BEFORE INSERT ON t FOR EACH ROW DELETE FROM shop.u",
                "CREATE PROCEDURE shop.p(a int) DELETE FROM shop.t | CREATE PROCEDURE p(a int) DELETE FROM shop.t",
                "DROP TRIGGER IF EXISTS shop.tr | DROP TRIGGER IF EXISTS tr",
            })
    void reachesBackIntoNoDatabase(String sql, String unqualified) {
        assertThat(Unqualified.in(SHOP, sql)).isEqualTo(unqualified);
    }

    @Test
    void namesAreFoldedIfTheServerFoldsThem() {
        assertThat(Unqualified.in(new Tables("shop", List.of(), true), "TRUNCATE Shop.T"))
                .isEqualTo("TRUNCATE T");
        assertThat(Unqualified.in(SHOP, "TRUNCATE Shop.T")).isEqualTo("TRUNCATE Shop.T");
    }

    @Test
    void seesWhatIsInAnotherDatabase() {
        assertThat(Unqualified.isQualified("RENAME TABLE t TO other.t")).isTrue();
        assertThat(Unqualified.isQualified("RENAME TABLE t TO `other` . `t`")).isTrue();
        assertThat(Unqualified.isQualified("ALTER TABLE t ADD a decimal(5,2) DEFAULT 1.5 COMMENT 'a.b'"))
                .isFalse();
    }
}

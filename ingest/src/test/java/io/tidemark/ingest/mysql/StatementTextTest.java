package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTextTest {
    private static final String MARIADB = "10.11.6-MariaDB-0+deb12u1-log";
    private static final String MYSQL = "8.0.12";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            quoteCharacter = '^',
            value = {
                "TRUNCATE /* all */ TABLE t | TRUNCATE   TABLE t",
                "ALTER/**/TABLE t DROP PARTITION p | ALTER TABLE t DROP PARTITION p",
                "ALTER TABLE t -- why?\\n DROP COLUMN a | ALTER TABLE t   DROP COLUMN a",
                "ALTER TABLE t # why?\\n DROP COLUMN a | ALTER TABLE t   DROP COLUMN a",
                "ALTER TABLE t ADD a int DEFAULT 1--1 | ALTER TABLE t ADD a int DEFAULT 1--1",
                "CREATE TABLE t (a text COMMENT 'not /* one */ -- # here') | CREATE TABLE t (a text COMMENT 'not /* one */ -- # here')",
                "CREATE TABLE `a /* b` (c text COMMENT 'it''s \\' /*') /* d */ | CREATE TABLE `a /* b` (c text COMMENT 'it''s \\' /*')",
                "DROP /*!40005 TEMPORARY */ TABLE t | DROP  TEMPORARY  TABLE t",
                "/*!50001 CREATE VIEW v AS SELECT '*/' */ | CREATE VIEW v AS SELECT '*/'",
                "ALTER TABLE t ADD a int /*!999999 , ADD b int */ | ALTER TABLE t ADD a int",
                "ALTER TABLE t /*+ a hint */ ADD a int /*! , ADD b int */ | ALTER TABLE t   ADD a int  , ADD b int",
            })
    void leavesOutWhatServersPassOver(String sql, String plain) {
        String text = sql.replace("\\n", "\n");

        assertThat(new StatementText(MARIADB).plain(text)).isEqualToNormalizingWhitespace(plain);
        assertThat(new StatementText(MYSQL).plain(text)).isEqualToNormalizingWhitespace(plain);
    }

    @ParameterizedTest
    @CsvSource({
        "/*M! x */,true,false",
        "/*M!100500 x */,true,false",
        "/*M!110000 x */,false,false",
        "/*!80000 x */,true,true",
        "/*!50701 x */,false,true",
        "/*!80013 x */,true,false"
    })
    void executesWhatTheServerOfThatVersionDoes(String comment, boolean onMariaDb, boolean onMySql) {
        assertThat(new StatementText(MARIADB).plain("ALTER " + comment))
                .isEqualToNormalizingWhitespace(onMariaDb ? "ALTER x" : "ALTER");
        assertThat(new StatementText(MYSQL).plain("ALTER " + comment))
                .isEqualToNormalizingWhitespace(onMySql ? "ALTER x" : "ALTER");
    }
}

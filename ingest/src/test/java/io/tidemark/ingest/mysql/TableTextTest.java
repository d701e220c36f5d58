package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What of a table is made before its rows, and what after. */
class TableTextTest {
    private static TableText table(String... definitions) {
        return TableText.parse("CREATE TABLE `t` (\n  " + String.join(",\n  ", definitions)
                + "\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4");
    }

    @Test
    void thePrimaryKeyAndItsCounterAreThereBeforeTheRows() {
        TableText table = table(
                "`a``b` int(11) NOT NULL AUTO_INCREMENT", "`n` int(11)", "PRIMARY KEY (`a``b`,`n`)", "KEY `n` (`n`)");

        assertThat(table.withoutIndexes())
                .contains("AUTO_INCREMENT,")
                .contains("PRIMARY KEY (`a``b`,`n`)")
                .doesNotContain("KEY `n`")
                .doesNotContain("=7");
        assertThat(table.indexes("t")).contains("ALTER TABLE `t` ADD KEY `n` (`n`)");
    }

    @Test
    void aCounterWaitsForTheKeyItNeeds() {
        TableText table = table(
                "`k` int(11) NOT NULL",
                "`n` int(11) NOT NULL AUTO_INCREMENT",
                "PRIMARY KEY (`k`,`n`)",
                "KEY `n` (`n`)");

        assertThat(table.withoutIndexes()).contains("PRIMARY KEY").doesNotContain("AUTO_INCREMENT");
        assertThat(table.indexes("t"))
                .contains("ALTER TABLE `t` MODIFY `n` int(11) NOT NULL AUTO_INCREMENT, ADD KEY `n` (`n`)");
    }
}

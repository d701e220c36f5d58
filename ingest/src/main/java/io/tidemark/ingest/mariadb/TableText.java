package io.tidemark.ingest.mariadb;

import io.tidemark.mariadb.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of {@code SHOW CREATE TABLE}, which has each definition on a line of its own, taken apart: rows are loaded
 * faster into a table whose secondary indexes are made afterwards, and foreign keys wait until all tables are there.
 */
record TableText(String head, List<String> definitions, String tail) {
    private static final Pattern INDEX = Pattern.compile("(?s)^(?:UNIQUE |FULLTEXT |SPATIAL )?KEY .*");
    private static final Pattern FOREIGN_KEY = Pattern.compile("(?s)^CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY .*");
    private static final Pattern COUNTER = Pattern.compile(" AUTO_INCREMENT=\\d+");

    TableText {
        definitions = List.copyOf(definitions);
    }

    static TableText parse(String text) {
        int open = text.indexOf("(\n");
        int close = text.lastIndexOf("\n)");
        if (open < 0 || close < open) {
            return new TableText(text, List.of(), "");
        }
        List<String> definitions = new ArrayList<>();
        for (String line : text.substring(open + 2, close).split(",\n", -1)) {
            definitions.add(line.strip());
        }
        return new TableText(
                text.substring(0, open),
                definitions,
                COUNTER.matcher(text.substring(close + 2)).replaceFirst(""));
    }

    /** A counter's column must be the first of an index from the beginning. */
    private boolean indexesCanWait() {
        Optional<String> counter = definitions.stream()
                .filter(line -> line.contains(" AUTO_INCREMENT"))
                .map(line -> line.substring(0, line.indexOf('`', 1) + 1))
                .findFirst();
        return !tail.contains("PARTITION")
                && !tail.contains("SYSTEM VERSIONING")
                && counter.map(column ->
                                definitions.stream().anyMatch(line -> line.startsWith("PRIMARY KEY (" + column)))
                        .orElse(true);
    }

    private boolean waits(String definition) {
        return FOREIGN_KEY.matcher(definition).matches()
                || (indexesCanWait() && INDEX.matcher(definition).matches());
    }

    /** The statement that makes the table. */
    String withoutIndexes() {
        return definitions.isEmpty()
                ? head
                : head + "(\n  "
                        + definitions.stream()
                                .filter(definition -> !waits(definition))
                                .collect(Collectors.joining(",\n  "))
                        + "\n)" + tail;
    }

    /** The statement that makes the indexes that were left out. */
    Optional<String> indexes(String table) {
        List<String> left = definitions.stream()
                .filter(definition ->
                        waits(definition) && !FOREIGN_KEY.matcher(definition).matches())
                .map(definition -> "ADD " + definition)
                .toList();
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of("ALTER TABLE " + Identifiers.quote(table) + " " + String.join(", ", left));
    }

    /** The foreign keys, which were left out. */
    List<ForeignKeyText> foreignKeys(String table) {
        return definitions.stream()
                .filter(definition -> FOREIGN_KEY.matcher(definition).matches())
                .map(definition -> ForeignKeyText.parse(table, definition))
                .toList();
    }
}

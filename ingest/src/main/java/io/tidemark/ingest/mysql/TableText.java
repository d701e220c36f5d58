package io.tidemark.ingest.mysql;

import io.tidemark.mysql.Identifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of {@code SHOW CREATE TABLE}, which has each definition on a line of its own, taken apart. Rows come in the order of
 * the primary key, in which the server keeps them; so it is there when they are loaded. The server sorts for the other keys
 * when these are made, all of a table at once. Foreign keys wait until all tables are there.
 */
record TableText(String head, List<String> definitions, String tail) {
    private static final Pattern INDEX = Pattern.compile("(?s)^(?:UNIQUE |FULLTEXT |SPATIAL )?KEY .*");
    private static final Pattern PRIMARY_KEY = Pattern.compile("(?s)^PRIMARY KEY \\((`(?:[^`]|``)*`).*");
    private static final Pattern FOREIGN_KEY = Pattern.compile("(?s)^CONSTRAINT `(?:[^`]|``)*` FOREIGN KEY .*");
    private static final String COUNTER_COLUMN = " AUTO_INCREMENT";
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

    /** What is laid out by keys or keeps history must be whole from the beginning. */
    private boolean indexesCanWait() {
        return !tail.contains("PARTITION") && !tail.contains("SYSTEM VERSIONING");
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
                                .map(definition ->
                                        counterWaits(definition) ? definition.replace(COUNTER_COLUMN, "") : definition)
                                .collect(Collectors.joining(",\n  "))
                        + "\n)" + tail;
    }

    /** A counter needs a key; if that waits, so does it. */
    private boolean counterWaits(String definition) {
        return indexesCanWait()
                && definition.startsWith("`")
                && definition.contains(COUNTER_COLUMN)
                && definitions.stream()
                        .map(PRIMARY_KEY::matcher)
                        .noneMatch(key -> key.matches() && definition.startsWith(key.group(1) + " "));
    }

    /** The statement that makes the indexes that were left out. */
    Optional<String> indexes(String table) {
        Stream<String> counters =
                definitions.stream().filter(this::counterWaits).map(definition -> "MODIFY " + definition);
        Stream<String> left = definitions.stream()
                .filter(definition ->
                        waits(definition) && !FOREIGN_KEY.matcher(definition).matches())
                .map(definition -> "ADD " + definition);
        List<String> changes = Stream.concat(counters, left).toList();
        return changes.isEmpty()
                ? Optional.empty()
                : Optional.of("ALTER TABLE " + Identifiers.quote(table) + " " + String.join(", ", changes));
    }

    /** The foreign keys, which were left out. */
    List<ForeignKeyText> foreignKeys(String table) {
        return definitions.stream()
                .filter(definition -> FOREIGN_KEY.matcher(definition).matches())
                .map(definition -> ForeignKeyText.parse(table, definition))
                .toList();
    }
}

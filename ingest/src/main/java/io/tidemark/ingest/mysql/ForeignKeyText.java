package io.tidemark.ingest.mysql;

import io.tidemark.mysql.Identifiers;
import io.tidemark.mysql.Repeated;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A foreign key, as the text of its table has it. What it does to rows when those they refer to are deleted is not in the
 * binary log; but rows that refer to nothing must have been treated so.
 *
 * @param table whose key it is
 * @param columns of the table, quoted
 * @param parent the table they refer to
 * @param parentColumns of the other, quoted
 * @param onDelete what happens with rows whose parent is deleted; empty text for nothing
 * @param onUpdate what happens with rows whose parent gets other values; empty text for nothing
 * @param definition the text
 */
record ForeignKeyText(
        String table,
        List<String> columns,
        String parent,
        List<String> parentColumns,
        String onDelete,
        String onUpdate,
        String definition) {
    private static final String NAME = "`(?:[^`]|``)*`";
    private static final Pattern TEXT = Pattern.compile(
            "(?s)^CONSTRAINT " + NAME + " FOREIGN KEY \\(([^)]*)\\) REFERENCES " + "(?:" + NAME + "\\.)?(" + NAME
                    + ") \\(([^)]*)\\)(?:.* ON DELETE (CASCADE|SET NULL))?(?:.* ON UPDATE (CASCADE|SET NULL))?.*$");
    private static final Pattern STATEMENT = Pattern.compile("(?s)^ALTER TABLE (" + NAME + ") ADD (CONSTRAINT .*)$");
    private static final Pattern COLUMN = Pattern.compile(NAME);

    static ForeignKeyText parse(String table, String definition) {
        Matcher matcher = TEXT.matcher(definition);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a foreign key: " + definition);
        }
        String parent = matcher.group(2);
        return new ForeignKeyText(
                table,
                names(matcher.group(1)),
                Identifiers.unquote(parent),
                names(matcher.group(3)),
                matcher.group(4) == null ? "" : matcher.group(4),
                matcher.group(5) == null ? "" : matcher.group(5),
                definition);
    }

    /** The key that a statement of {@link #statement} makes; empty for any other. */
    static Optional<ForeignKeyText> ofStatement(String text) {
        Matcher matcher = STATEMENT.matcher(text);
        return matcher.matches() && TEXT.matcher(matcher.group(2)).matches()
                ? Optional.of(parse(Identifiers.unquote(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }

    private static List<String> names(String list) {
        return COLUMN.matcher(list).results().map(result -> result.group()).toList();
    }

    /** Those of parents come before those of their children, where there is such an order. */
    static List<ForeignKeyText> parentsFirst(List<ForeignKeyText> keys) {
        List<ForeignKeyText> left = new ArrayList<>(keys);
        List<ForeignKeyText> sorted = new ArrayList<>();
        while (!left.isEmpty()) {
            ForeignKeyText next = left.stream()
                    .filter(key -> left.stream()
                            .noneMatch(other -> other.table().equals(key.parent())
                                    && !other.table().equals(key.table())))
                    .findFirst()
                    .orElse(left.get(0));
            left.remove(next);
            sorted.add(next);
        }
        return sorted;
    }

    /** The statement that makes the key. */
    String statement() {
        return "ALTER TABLE " + Identifiers.quote(table) + " ADD " + definition;
    }

    /** The statement that does to rows without a parent what the key did; empty if it does nothing. */
    Optional<String> followed() {
        if (onDelete.isEmpty()) {
            return Optional.empty();
        }
        String join = Identifiers.quote(table) + " c LEFT JOIN " + Identifiers.quote(parent) + " p ON "
                + IntStream.range(0, columns.size())
                        .mapToObj(i -> "c." + columns.get(i) + " = p." + parentColumns.get(i))
                        .collect(Collectors.joining(" AND "));
        String orphan = " WHERE p." + parentColumns.get(0) + " IS NULL AND "
                + columns.stream().map(column -> "c." + column + " IS NOT NULL").collect(Collectors.joining(" AND "));
        String once = onDelete.equals("CASCADE")
                ? "DELETE c FROM " + join + orphan
                : "UPDATE " + join + " SET "
                        + columns.stream()
                                .map(column -> "c." + column + " = NULL")
                                .collect(Collectors.joining(", "))
                        + orphan;
        // Rows that refer to rows of their own table go level by level.
        return Optional.of(table.equals(parent) ? Repeated.text(once) : once);
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.mysql.Identifiers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The foreign keys of a database whose rows follow those that they refer to, of which the binary log does not tell. A key that
 * was once there is kept: looking at one too many is harmless, and the server may have forgotten it before the log is read.
 * Not thread-safe.
 */
final class FollowingKeys {
    private static final String KEYS = """
            SELECT k.table_name, k.column_name, k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name,
                   r.update_rule IN ('CASCADE', 'SET NULL'), r.delete_rule IN ('CASCADE', 'SET NULL')
            FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
                 ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
                 AND r.table_name = k.table_name
            WHERE k.table_schema = ? AND k.referenced_table_name IS NOT NULL
            """;

    private final String database;
    private final Map<CollectionName, Set<Rule>> rules = new HashMap<>();

    /**
     * One column of a key.
     *
     * @param table whose rows follow
     * @param updates whether they follow another value
     * @param deletes whether they follow the deletion of a row
     */
    private record Rule(
            String table,
            String column,
            CollectionName parent,
            String parentColumn,
            boolean updates,
            boolean deletes) {}

    private record Place(CollectionName table, String column) {}

    FollowingKeys(String database) {
        this.database = database;
    }

    /** Adds those that a schema's texts tell of. */
    void add(SourceSchema schema) {
        schema.statements()
                .forEach(statement ->
                        ForeignKeyText.ofStatement(statement.text()).ifPresent(this::add));
    }

    private void add(ForeignKeyText key) {
        for (int i = 0; i < key.columns().size(); i++) {
            add(new Rule(
                    key.table(),
                    column(Identifiers.unquote(key.columns().get(i))),
                    new CollectionName(database, key.parent()),
                    column(Identifiers.unquote(key.parentColumns().get(i))),
                    !key.onUpdate().isEmpty(),
                    !key.onDelete().isEmpty()));
        }
    }

    private void add(Rule rule) {
        if (rule.updates() || rule.deletes()) {
            rules.computeIfAbsent(rule.parent(), parent -> new HashSet<>()).add(rule);
        }
    }

    /** Adds those that the server has now. */
    void add(Connection sql) throws SQLException {
        DatabaseRows.each(
                sql,
                database,
                KEYS,
                row -> add(new Rule(
                        row.getString(1),
                        column(row.getString(2)),
                        new CollectionName(row.getString(3), row.getString(4)),
                        column(row.getString(5)),
                        row.getBoolean(6),
                        row.getBoolean(7))));
    }

    /** The name of a column, of which case does not matter. */
    static String column(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private Set<Rule> referringTo(CollectionName table) {
        return rules.getOrDefault(table, Set.of());
    }

    /** The columns of a table that rows refer to and follow; empty if there are none. */
    Set<String> columnsReferredTo(CollectionName table) {
        return referringTo(table).stream().map(Rule::parentColumn).collect(Collectors.toSet());
    }

    /** Tables whose rows may have followed when columns of a row got other values, and those whose rows follow these. */
    Set<String> followUpdate(CollectionName table, Set<String> columns) {
        Set<String> following = new HashSet<>();
        Set<Place> seen = new HashSet<>();
        Deque<Place> further = new ArrayDeque<>();
        columns.forEach(column -> further.add(new Place(table, column)));
        while (!further.isEmpty()) {
            Place place = further.remove();
            if (seen.add(place)) {
                referringTo(place.table()).stream()
                        .filter(rule -> rule.updates() && rule.parentColumn().equals(place.column()))
                        .forEach(rule -> {
                            following.add(rule.table());
                            further.add(new Place(new CollectionName(database, rule.table()), rule.column()));
                        });
            }
        }
        return following;
    }

    /** Tables whose rows may have followed when a row was deleted, and those whose rows may have followed these. */
    Set<String> followDeletion(CollectionName table) {
        Set<String> following = new HashSet<>();
        Deque<String> further = new ArrayDeque<>();
        referringTo(table).stream().filter(Rule::deletes).forEach(rule -> further.add(rule.table()));
        while (!further.isEmpty()) {
            String next = further.remove();
            if (following.add(next)) {
                referringTo(new CollectionName(database, next)).forEach(rule -> further.add(rule.table()));
            }
        }
        return following;
    }
}

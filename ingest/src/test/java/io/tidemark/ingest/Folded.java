package io.tidemark.ingest;

import io.tidemark.model.CollectionName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What tables hold after changes, by the plainest means. */
public final class Folded {
    private final Map<CollectionName, Map<String, List<List<String>>>> tables = new HashMap<>();
    private List<String> lastDeleted = List.of();

    private List<List<String>> rows(CollectionName collection, String key) {
        return tables.computeIfAbsent(collection, name -> new TreeMap<>())
                .computeIfAbsent(key, name -> new ArrayList<>());
    }

    /** Applies a change. */
    public void apply(Transcript.Change change) {
        List<List<String>> rows = rows(change.collection(), change.key());
        switch (change.op()) {
            case READ, INSERT -> rows.add(change.after());
            case DELETE -> {
                if (rows.isEmpty()) {
                    throw new AssertionError("there is no row to delete: " + change);
                }
                lastDeleted = rows.remove(0);
            }
            case UPDATE, PATCH -> {
                // A changed key is the deletion of the old one and this under the new one.
                List<String> old = rows.isEmpty() ? lastDeleted : rows.remove(0);
                rows.add(filled(change.after(), old));
            }
            case TRUNCATE -> tables.remove(change.collection());
            default -> throw new AssertionError("no change of rows: " + change);
        }
    }

    private static List<String> filled(List<String> row, List<String> old) {
        List<String> filled = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            filled.add(row.get(i).equals(Transcript.UNCHANGED) ? old.get(i) : row.get(i));
        }
        return filled;
    }

    /** The rows of a table. */
    public List<List<String>> values(CollectionName collection) {
        return tables.getOrDefault(collection, Map.of()).values().stream()
                .flatMap(List::stream)
                .toList();
    }

    /** The same, each as its values with tabs between, sorted. */
    public List<String> rows(CollectionName collection) {
        return values(collection).stream()
                .map(row -> String.join("\t", row))
                .sorted()
                .toList();
    }
}

package io.tidemark.app.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.model.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints data, as aligned columns for people or as JSON for programs. Messages go elsewhere, to standard error. */
public final class Output {
    private final PrintStream out;
    private final boolean json;

    public Output(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** One line of a table, by column. */
    public static Map<String, Object> row(Object... namesAndValues) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.put(namesAndValues[i].toString(), namesAndValues[i + 1]);
        }
        return row;
    }

    /** Prints rows; all have the same columns. */
    public void table(List<Map<String, Object>> rows) {
        if (json) {
            printJson(rows);
            return;
        }
        if (rows.isEmpty()) {
            out.println("(none)");
            return;
        }
        List<String> names = new ArrayList<>(rows.get(0).keySet());
        List<List<String>> cells = new ArrayList<>();
        cells.add(names.stream().map(name -> name.replace('_', ' ')).toList());
        for (Map<String, Object> row : rows) {
            cells.add(row.values().stream().map(Output::text).toList());
        }
        int[] widths = new int[names.size()];
        cells.forEach(line -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        });
        cells.forEach(line -> out.println(aligned(line, widths)));
    }

    private static String aligned(List<String> line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            text.append(line.get(i)).append(" ".repeat(widths[i] - line.get(i).length() + 2));
        }
        return text.toString().stripTrailing();
    }

    /** Prints one thing with its properties. */
    public void record(Map<String, Object> properties) {
        if (json) {
            printJson(properties);
            return;
        }
        int width = properties.keySet().stream().mapToInt(String::length).max().orElse(0);
        properties.forEach((name, value) ->
                out.println(name.replace('_', ' ') + " ".repeat(width - name.length() + 2) + text(value)));
    }

    private void printJson(Object value) {
        try {
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be printed as JSON", e);
        }
    }

    private static String text(Object value) {
        if (value instanceof Long number) {
            return String.format(java.util.Locale.ROOT, "%,d", number);
        }
        if (value instanceof List<?> list) {
            return String.join(", ", list.stream().map(Object::toString).toList());
        }
        return value.toString();
    }
}

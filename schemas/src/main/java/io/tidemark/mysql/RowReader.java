package io.tidemark.mysql;

import io.tidemark.model.ByteSink;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** Reads rows of a table as they are kept in the log. Not thread-safe. */
public final class RowReader {
    private final RowSchema rows;
    private final List<ColumnType> types;
    private final ColumnType.Family[] families;

    public RowReader(RowSchema rows) {
        this.rows = rows;
        types = rows.columns().stream().map(c -> ColumnType.parse(c.type())).toList();
        families = types.stream().map(ColumnType::family).toArray(ColumnType.Family[]::new);
    }

    /** The query that gives all rows, as {@link #read} takes them, in the database that is chosen. */
    public String query() {
        String expressions = java.util.stream.IntStream.range(0, types.size())
                .mapToObj(i -> types.get(i)
                        .expression(Identifiers.quote(rows.columns().get(i).name())))
                .collect(Collectors.joining(", "));
        return "SELECT " + (expressions.isEmpty() ? "1" : expressions) + " FROM "
                + Identifiers.quote(rows.collection());
    }

    /** Replaces the target's content by the row the result stands at. */
    public void read(ResultSet result, ByteSink target) throws SQLException {
        target.clear();
        for (int i = 0; i < families.length; i++) {
            byte[] value = result.getBytes(i + 1);
            if (value == null) {
                target.writeByte(RowCodec.NULL);
                continue;
            }
            switch (families[i]) {
                case INTEGER ->
                    ValueWriter.number(Long.parseLong(new String(value, StandardCharsets.US_ASCII)), target);
                case FLOAT ->
                    ValueWriter.text(FloatText.ofDouble(new String(value, StandardCharsets.US_ASCII)), target);
                case DOUBLE ->
                    ValueWriter.text(
                            Double.toString(Double.parseDouble(new String(value, StandardCharsets.US_ASCII))), target);
                case TEXT, ENUM, SET, UTF8, BIT, BYTES -> ValueWriter.bytes(value, target);
            }
        }
    }
}

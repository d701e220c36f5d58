package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Column;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.ColumnType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Turns row images of one table, as the log describes it, into rows as they are kept. The log names its columns, and
 * what it names must be what the table is known to have: nothing is decoded by guess. Reusable; not thread-safe.
 */
final class TableRows {
    private final RowSchema schema;
    private final int schemaId;
    private final int imageCells;
    private final int[] cellOf;
    private final CellWriter[] writers;
    private final RowKey rowKey;

    /**
     * @param described the log's own description
     * @throws TidemarkException of kind STREAM_LOST if it is not what the table is known to be
     */
    TableRows(TableShape shape, int schemaId, TableMapEventData described, LogCharsets charsets) {
        schema = shape.rows();
        this.schemaId = schemaId;
        List<String> names = MappedTables.columnNames(described);
        if (names.isEmpty()) {
            throw changed("it does not name its columns, which binlog_row_metadata = FULL does");
        }
        imageCells = names.size();
        Map<String, Integer> places =
                IntStream.range(0, names.size()).boxed().collect(Collectors.toMap(names::get, i -> i));
        List<Optional<String>> sets = charsets.of(described);
        List<String> unknown = new ArrayList<>(names);
        unknown.removeAll(shape.generated());
        unknown.removeAll(schema.columns().stream().map(Column::name).toList());
        cellOf = new int[schema.columns().size()];
        writers = new CellWriter[cellOf.length];
        for (int i = 0; i < cellOf.length; i++) {
            Column column = schema.columns().get(i);
            Integer place = places.get(column.name());
            if (place == null) {
                unknown.add(column.name());
                continue;
            }
            String charset = ColumnType.parse(column.type()).charset();
            if (!charset.isEmpty() && !sets.get(place).equals(Optional.of(charset))) {
                throw changed("the characters of " + column.name() + " are " + sets.get(place) + ", not " + charset);
            }
            cellOf[i] = place;
            writers[i] = new CellWriter(column.type());
        }
        if (!unknown.isEmpty()) {
            throw changed("its columns " + unknown + " are not in both");
        }
        rowKey = new RowKey(schema);
    }

    private TidemarkException changed(String how) {
        return new TidemarkException(
                TidemarkException.Kind.STREAM_LOST,
                "the binary log describes " + schema.collection() + " other than the schema that was followed: " + how);
    }

    RowSchema schema() {
        return schema;
    }

    int schemaId() {
        return schemaId;
    }

    /** Replaces row and key by those of a row image. */
    void read(Serializable[] image, ByteSink row, ByteSink key) {
        if (image.length != imageCells) {
            throw changed("an image has " + image.length + " of its " + imageCells
                    + " columns; binlog_row_image must be FULL in all sessions");
        }
        row.clear();
        try {
            for (int i = 0; i < writers.length; i++) {
                writers[i].write(image[cellOf[i]], row);
            }
        } catch (ClassCastException | IndexOutOfBoundsException e) {
            throw changed("a value is of another kind, " + e.getMessage());
        }
        rowKey.of(row.array(), 0, row.length(), key);
    }
}

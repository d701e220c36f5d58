package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import io.tidemark.model.TidemarkException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables that row events name by the numbers that the log gave them. Not thread-safe. */
final class MappedTables {
    private final StreamTables tables;
    private final Map<Long, TableMapEventData> mapped = new HashMap<>();
    private final Map<Long, TableRows> rowsOf = new HashMap<>();

    MappedTables(StreamTables tables) {
        this.tables = tables;
    }

    /** The names of a table's columns, in the order of its images; empty if the log does not tell them. */
    static List<String> columnNames(TableMapEventData data) {
        return Optional.ofNullable(data.getEventMetadata())
                .map(TableMapEventMetadata::getColumnNames)
                .orElse(List.of());
    }

    /** A table gets a number. */
    void map(TableMapEventData data) {
        mapped.put(data.getTableId(), data);
    }

    /** The numbers are given anew, or the schema is another one. */
    void forget() {
        mapped.clear();
        rowsOf.clear();
    }

    boolean isHeartbeat(long tableId) {
        TableMapEventData data = mapped.get(tableId);
        return data != null && tables.isHeartbeat(data);
    }

    /**
     * How rows of a table are read; null if it is not under backup.
     *
     * @throws TidemarkException of kind STREAM_LOST if the table is not known, or known to be other than the log says
     */
    @Nullable
    TableRows rows(long tableId) {
        TableRows known = rowsOf.get(tableId);
        if (known != null) {
            return known;
        }
        TableMapEventData data = mapped.get(tableId);
        if (data == null) {
            throw TidemarkException.streamLost("the binary log holds rows of a table that it does not describe");
        }
        TableRows rows = tables.rows(data).orElse(null);
        if (rows != null) {
            rowsOf.put(tableId, rows);
        }
        return rows;
    }
}

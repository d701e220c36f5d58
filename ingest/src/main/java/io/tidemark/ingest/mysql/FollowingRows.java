package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.model.CollectionName;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out of which tables rows may have followed rows that the log tells of. Not thread-safe. */
final class FollowingRows {
    private final FollowingKeys keys;
    private final Map<Long, Referred> referred = new HashMap<>();

    /**
     * A table that rows of others follow.
     *
     * @param names of its columns in the log, in their order
     * @param columns those that are referred to
     */
    private record Referred(CollectionName table, List<String> names, Set<String> columns) {
        /** The columns that have other values; all if the log does not tell which is which. */
        Set<String> changed(Serializable[] before, Serializable[] after) {
            if (before.length != names.size() || after.length != names.size()) {
                return columns;
            }
            Set<String> changed = new HashSet<>();
            for (int i = 0; i < before.length; i++) {
                if (columns.contains(names.get(i)) && !Objects.deepEquals(before[i], after[i])) {
                    changed.add(names.get(i));
                }
            }
            return changed;
        }
    }

    FollowingRows(FollowingKeys keys) {
        this.keys = keys;
    }

    /** A table gets a number, whatever database it is in. */
    void map(TableMapEventData data) {
        referred.remove(data.getTableId());
        CollectionName table = new CollectionName(data.getDatabase(), data.getTable());
        Set<String> columns = keys.columnsReferredTo(table);
        if (!columns.isEmpty()) {
            List<String> names = MappedTables.columnNames(data).stream()
                    .map(FollowingKeys::column)
                    .toList();
            referred.put(data.getTableId(), new Referred(table, names, columns));
        }
    }

    /** Whether rows of others may follow those of a table. */
    boolean isReferredTo(long tableId) {
        return referred.containsKey(tableId);
    }

    /** The numbers are given anew, or the keys are others. */
    void forget() {
        referred.clear();
    }

    /** Tables whose rows may have followed an update. */
    Set<String> followUpdate(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
        Referred table = referred.get(tableId);
        if (table == null || before == null || after == null) {
            return Set.of();
        }
        Set<String> changed = table.changed(before, after);
        return changed.isEmpty() ? Set.of() : keys.followUpdate(table.table(), changed);
    }

    /** Tables whose rows may have followed an update or a deletion. */
    Set<String> follow(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
        Referred table = referred.get(tableId);
        return table != null && before != null && after == null
                ? keys.followDeletion(table.table())
                : followUpdate(tableId, before, after);
    }
}

package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns the rows of the group that is read into its changes. Not thread-safe. */
final class RowChanges implements RowImages {
    private final ChangeSink sink;
    private final StreamTables schema;
    private final EventGroup group;
    private final MappedTables tables;
    private final FollowingRows following;
    private final Set<String> followed = new TreeSet<>();
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);
    private final ByteSink oldRow = new ByteSink(1024);
    private final ByteSink oldKey = new ByteSink(64);

    RowChanges(ChangeSink sink, StreamTables schema, EventGroup group) {
        this.sink = sink;
        this.schema = schema;
        this.group = group;
        tables = new MappedTables(schema);
        following = new FollowingRows(schema.following());
    }

    /** A table gets a number. */
    void map(TableMapEventData data) {
        tables.map(data);
        following.map(data);
    }

    /** Whether rows of a table, which has a number, may change something that is under backup. */
    boolean concern(TableMapEventData data) {
        return schema.covers(data) || following.isReferredTo(data.getTableId());
    }

    /** The numbers are given anew, or the schema is another one. */
    void forgetTables() {
        tables.forget();
        following.forget();
    }

    /** Another group begins. */
    void begin() {
        followed.clear();
    }

    /** The tables, under backup, whose rows may have followed others in this group; each is told once. */
    List<String> takeFollowed() {
        List<String> taken = followed.stream().filter(schema::knows).toList();
        followed.clear();
        return taken;
    }

    @Override
    public void row(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
        if (after != null && tables.isHeartbeat(tableId)) {
            heartbeat(Heartbeat.read(after));
            return;
        }
        followed.addAll(following.followUpdate(tableId, before, after));
        TableRows rows = tables.rows(tableId);
        if (rows == null) {
            return;
        }
        if (before != null) {
            rows.read(before, oldRow, oldKey);
        }
        if (after != null) {
            rows.read(after, row, key);
        }
        if (before == null) {
            change(Op.INSERT, rows, key, null, row);
        } else if (after == null) {
            change(Op.DELETE, rows, oldKey, oldRow, null);
        } else if (isSameKey() && !rows.schema().isMultiset()) {
            change(Op.UPDATE, rows, key, oldRow, row);
        } else {
            change(Op.DELETE, rows, oldKey, oldRow, null);
            change(rows.schema().isMultiset() ? Op.INSERT : Op.UPDATE, rows, key, null, row);
        }
    }

    private boolean isSameKey() {
        return Arrays.equals(oldKey.array(), 0, oldKey.length(), key.array(), 0, key.length());
    }

    private void change(Op op, TableRows rows, ByteSink rowKey, @Nullable ByteSink before, @Nullable ByteSink after) {
        group.ensureBegun();
        sink.change(op, rows.schemaId(), rowKey, null, before, after);
    }

    private void heartbeat(Heartbeat beat) {
        group.ensureBegun(beat.atMicros());
        beat.writeCounters(sink);
        sink.heartbeat();
        if (!beat.seal().isEmpty()) {
            sink.seal(beat.seal());
        }
    }

    /** All rows of a table are gone. */
    void truncate(String table) {
        group.ensureBegun();
        key.clear();
        sink.change(Op.TRUNCATE, schema.schemaId(table), key, null, null, null);
    }
}

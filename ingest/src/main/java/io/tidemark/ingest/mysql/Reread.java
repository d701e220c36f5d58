package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerConnections;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads tables again in their place: as they were just behind a statement that changed rows without telling the log. A
 * snapshot shows them somewhat later; the log tells what changed in between, and what rows were before. So the log is read
 * up to the snapshot first ({@link #look}), then the tables ({@link #advance}). Tables cannot be altered meanwhile. Not
 * thread-safe.
 */
final class Reread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reread.class);
    private static final long MOST_CHANGED_BYTES = 32L << 20;
    private static final int ROWS_AT_ONCE = 1_000;

    private final StreamTables schema;
    private final ChangeSink sink;
    private final BinlogDecoder.Rewrite rewrite;
    private final SnapshotReaders snapshot;
    private final Map<String, Again> tables = new LinkedHashMap<>();
    private final Map<Long, Again> numbered = new HashMap<>();
    private final RowImages images = this::row;
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);
    private final Iterator<Again> unread;
    private BinlogPlace at;
    private Optional<Again> reading = Optional.empty();
    private @Nullable TableCursor cursor;
    private long count;

    /** A table that is read again, and how its rows are read from the log. */
    private static final class Again {
        private final TableShape shape;
        private final RowsBefore before;
        private @Nullable TableRows logged;

        Again(TableShape shape) {
            this.shape = shape;
            before = new RowsBefore(shape.rows(), MOST_CHANGED_BYTES);
        }
    }

    private Reread(StreamTables schema, ChangeSink sink, BinlogDecoder.Rewrite rewrite, SnapshotReaders snapshot) {
        this.schema = schema;
        this.sink = sink;
        this.rewrite = rewrite;
        this.snapshot = snapshot;
        at = rewrite.behind();
        rewrite.tables().forEach(shape -> tables.put(shape.rows().collection().name(), new Again(shape)));
        unread = tables.values().iterator();
    }

    /**
     * Begins.
     *
     * @throws TidemarkException of kind STREAM_LOST if the tables were altered again since
     */
    static Reread begin(
            ServerConnections connections,
            ServerDialect dialect,
            StreamTables schema,
            ChangeSink sink,
            BinlogDecoder.Rewrite rewrite) {
        try (Connection sql = connections.sql()) {
            schema.requireUnaltered(sql, rewrite);
            SnapshotReaders snapshot = SnapshotReaders.open(connections, dialect, 1, rewrite.tables());
            try {
                snapshot.hold(rewrite.tables());
                schema.requireUnaltered(sql, rewrite);
                if (snapshot.place().compareTo(rewrite.behind()) < 0) {
                    throw new TidemarkException(
                            TidemarkException.Kind.TRANSIENT, "what a statement did cannot be seen yet");
                }
                LOG.info(
                        "{} of {} are read again: {}",
                        rewrite.tables().stream()
                                .map(shape -> shape.rows().collection().name())
                                .toList(),
                        connections.address(),
                        rewrite.reason());
                return new Reread(schema, sink, rewrite, snapshot);
            } catch (SQLException | RuntimeException e) {
                snapshot.close();
                throw e;
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("reading tables of " + connections.address() + " again failed", e);
        }
    }

    /** Whether the log was read up to the snapshot. */
    boolean hasSeenAll() {
        return at.compareTo(snapshot.place()) >= 0;
    }

    /** Looks at the next event of the log; those behind the snapshot are passed over. */
    void look(Event event) {
        EventHeaderV4 header = event.getHeader();
        if (header.getEventType() == EventType.ROTATE) {
            RotateEventData data = event.getData();
            numbered.clear();
            at = new BinlogPlace(data.getBinlogFilename(), data.getBinlogPosition());
            return;
        }
        BinlogPlace behind = new BinlogPlace(at.file(), Math.max(at.position(), header.getNextPosition()));
        if (behind.compareTo(snapshot.place()) <= 0) {
            lookAt(event, header);
        }
        at = behind;
    }

    private void lookAt(Event event, EventHeaderV4 header) {
        if (RowImages.areIn(event)) {
            RowImages.each(event, images);
            return;
        }
        switch (header.getEventType()) {
            case TABLE_MAP -> map(event.getData());
            case QUERY -> {
                QueryEventData data = event.getData();
                String text = schema.plain(data.getSql());
                if (schema.mayChange(data.getDatabase(), text, tables.keySet())) {
                    throw lost("by '" + DdlReader.brief(text) + "'");
                }
            }
            case XA_PREPARE -> throw lost("in a transaction in two steps");
            case MARIADB_GTID, GTID, ANONYMOUS_GTID, XID -> {
                // Limits of transactions.
            }
            default -> OtherEvents.requireHarmless(event, at.file());
        }
    }

    private TidemarkException lost(String how) {
        return TidemarkException.streamLost(
                rewrite.reason() + "; and it may have been changed again " + how + " before it could be read");
    }

    private void map(TableMapEventData data) {
        numbered.remove(data.getTableId());
        Again table = tables.get(data.getTable());
        if (table != null) {
            schema.rows(data).ifPresent(rows -> {
                table.logged = rows;
                numbered.put(data.getTableId(), table);
            });
        }
    }

    private void row(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
        Again table = numbered.get(tableId);
        if (table == null || table.logged == null) {
            return;
        }
        if (before != null) {
            table.logged.read(before, row, key);
            table.before.removed(key, row);
        }
        if (after != null) {
            table.logged.read(after, row, key);
            table.before.added(key);
        }
    }

    /** Hands over further rows; false if there are none. */
    boolean advance() {
        try {
            for (int i = 0; i < ROWS_AT_ONCE; i++) {
                if (!step()) {
                    return false;
                }
            }
            return true;
        } catch (SQLException e) {
            throw ServerConnections.failure("reading tables again failed", e);
        }
    }

    private boolean step() throws SQLException {
        TableCursor rows = cursor;
        if (rows == null) {
            return open();
        }
        Again table = reading.orElseThrow();
        if (rows.next()) {
            if (table.before.stood(rows.key())) {
                read(table, rows.key(), rows.row());
            }
            return true;
        }
        if (table.before.next(key, row)) {
            read(table, key, row);
            return true;
        }
        LOG.info("{} rows of {} were read again", count, table.shape.rows().collection());
        rows.close();
        cursor = null;
        return true;
    }

    private boolean open() throws SQLException {
        if (!unread.hasNext()) {
            return false;
        }
        Again table = unread.next();
        reading = Optional.of(table);
        count = 0;
        key.clear();
        sink.change(Op.TRUNCATE, schemaId(table), key, null, null, null);
        cursor = snapshot.rows(table.shape.rows());
        return true;
    }

    private void read(Again table, ByteSink rowKey, ByteSink content) {
        sink.change(Op.READ, schemaId(table), rowKey, null, null, content);
        count++;
    }

    private int schemaId(Again table) {
        return schema.schemaId(table.shape.rows().collection().name());
    }

    @Override
    public void close() {
        try (snapshot) {
            TableCursor rows = cursor;
            if (rows != null) {
                cursor = null;
                rows.cancel();
                rows.close();
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("reading tables again did not end", e);
        }
    }
}

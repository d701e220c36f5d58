package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import io.tidemark.mysql.ServerConnections;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a statement of the schema left behind, or rows that followed others through foreign keys, before the stream goes on: the log is read ahead ({@link #look}), and
 * begins again behind the statement afterwards.
 *
 * <p>The server's own texts are the schema at the statement's place if no other statement follows up to the place at which
 * they were read. And where the statement changed rows without telling the log, its tables are read again in their place
 * ({@link #advance}): a snapshot shows them somewhat later, the log tells what changed in between, and what rows were
 * before. Such tables cannot be altered meanwhile. Not thread-safe.
 */
final class Settling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Settling.class);
    private static final long MOST_CHANGED_BYTES = 32L << 20;
    private static final int ROWS_AT_ONCE = 1_000;
    private static final String IN_TWO_STEPS = "in a transaction in two steps";

    private final StreamTables schema;
    private final ChangeSink sink;
    private final BinlogDecoder.Unsettled unsettled;
    private final Optional<SnapshotReaders> snapshot;
    private final BinlogPlace until;
    private final Map<String, Again> tables = new LinkedHashMap<>();
    private final Map<Long, Again> numbered = new HashMap<>();
    private final FollowingRows following;
    private final RowImages images = this::row;
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);
    private final Iterator<Again> unread;
    private final PreparedElsewhere elsewhere;
    private BinlogPlace at;
    private boolean furtherStatement;
    private boolean settled;
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

    private Settling(
            StreamTables schema,
            ChangeSink sink,
            BinlogDecoder.Unsettled unsettled,
            Optional<SnapshotReaders> snapshot) {
        this.schema = schema;
        this.sink = sink;
        this.unsettled = unsettled;
        this.snapshot = snapshot;
        following = new FollowingRows(schema.following());
        until = snapshot.map(SnapshotReaders::place)
                .filter(place -> place.compareTo(unsettled.until()) > 0)
                .orElse(unsettled.until());
        at = unsettled.behind();
        unsettled.tables().forEach(shape -> tables.put(shape.rows().collection().name(), new Again(shape)));
        unread = tables.values().iterator();
        elsewhere = new PreparedElsewhere(unsettled.elsewhere());
    }

    /**
     * Begins.
     *
     * @throws TidemarkException of kind STREAM_LOST if tables must be read and were altered again since
     */
    static Settling begin(
            ServerConnections connections,
            ServerDialect dialect,
            StreamTables schema,
            ChangeSink sink,
            BinlogDecoder.Unsettled unsettled) {
        if (unsettled.tables().isEmpty()) {
            return new Settling(schema, sink, unsettled, Optional.empty());
        }
        try (Connection sql = connections.sql()) {
            schema.requireUnaltered(sql, unsettled);
            SnapshotReaders snapshot = SnapshotReaders.open(connections, dialect, 1, unsettled.tables());
            try {
                snapshot.hold(unsettled.tables());
                schema.requireUnaltered(sql, unsettled);
                if (snapshot.place().compareTo(unsettled.behind()) < 0) {
                    throw new TidemarkException(
                            TidemarkException.Kind.TRANSIENT, "what a statement did cannot be seen yet");
                }
                LOG.info(
                        "{} of {} are read again: {}",
                        unsettled.tables().stream()
                                .map(shape -> shape.rows().collection().name())
                                .toList(),
                        connections.address(),
                        unsettled.reason());
                return new Settling(schema, sink, unsettled, Optional.of(snapshot));
            } catch (SQLException | RuntimeException e) {
                snapshot.close();
                throw e;
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("reading tables of " + connections.address() + " again failed", e);
        }
    }

    /** Whether the log was read as far as it matters. */
    boolean hasSeenAll() {
        return at.compareTo(until) >= 0 || (furtherStatement && tables.isEmpty());
    }

    /** Looks at the next event of the log; those that do not matter are passed over. */
    void look(Event event) {
        EventHeaderV4 header = event.getHeader();
        if (header.getEventType() == EventType.ROTATE) {
            RotateEventData data = event.getData();
            numbered.clear();
            following.forget();
            at = new BinlogPlace(data.getBinlogFilename(), data.getBinlogPosition());
            return;
        }
        BinlogPlace behind = new BinlogPlace(at.file(), Math.max(at.position(), header.getNextPosition()));
        boolean inSnapshot = snapshot.filter(tablesThen -> behind.compareTo(tablesThen.place()) <= 0)
                .isPresent();
        if (inSnapshot) {
            lookAt(event, header);
        } else if (header.getEventType() == EventType.QUERY && behind.compareTo(until) <= 0) {
            lookAt(event.<QueryEventData>getData());
        }
        at = behind;
    }

    private String lookAt(QueryEventData data) {
        String text = schema.plain(data.getSql());
        furtherStatement |= schema.concerns(data.getDatabase(), text);
        return text;
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
                String text = lookAt(data);
                if (!elsewhere.allows(text)) {
                    throw lost(IN_TWO_STEPS);
                }
                if (schema.mayChange(data.getDatabase(), text, tables.keySet())) {
                    throw lost("by '" + DdlReader.brief(text) + "'");
                }
            }
            case XA_PREPARE -> {
                if (!elsewhere.prepare(event.<XAPrepareEventData>getData())) {
                    throw lost(IN_TWO_STEPS);
                }
            }
            case MARIADB_GTID, GTID, ANONYMOUS_GTID, XID -> elsewhere.begin();
            default -> OtherEvents.requireHarmless(event, at.file());
        }
    }

    private TidemarkException lost(String how) {
        return TidemarkException.streamLost(
                unsettled.reason() + "; and it may have been changed again " + how + " before it could be read");
    }

    private void map(TableMapEventData data) {
        numbered.remove(data.getTableId());
        following.map(data);
        Again table = tables.get(data.getTable());
        if (table != null) {
            schema.rows(data).ifPresent(rows -> {
                table.logged = rows;
                numbered.put(data.getTableId(), table);
            });
        }
    }

    private void row(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
        if (!Collections.disjoint(following.follow(tableId, before, after), tables.keySet())) {
            throw lost("through a foreign key");
        }
        Again table = numbered.get(tableId);
        if (table == null || table.logged == null) {
            return;
        }
        elsewhere.touched();
        if (before != null) {
            table.logged.read(before, row, key);
            table.before.removed(key, row);
        }
        if (after != null) {
            table.logged.read(after, row, key);
            table.before.added(key);
        }
    }

    /** Hands over the schema, then further rows; false if there are none. */
    boolean advance() {
        if (!settled) {
            settled = true;
            schema.settle(furtherStatement);
        }
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
        cursor = snapshot.orElseThrow().rows(table.shape.rows());
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
        try {
            TableCursor rows = cursor;
            if (rows != null) {
                cursor = null;
                rows.cancel();
                rows.close();
            }
        } catch (SQLException e) {
            throw ServerConnections.failure("reading tables again did not end", e);
        } finally {
            snapshot.ifPresent(SnapshotReaders::close);
        }
    }
}

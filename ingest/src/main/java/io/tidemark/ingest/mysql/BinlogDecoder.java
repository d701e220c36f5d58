package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MariadbGtidEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the events of a binary log into changes. A transaction is an event group: it begins with its GTID and ends with a
 * commit, or with its only statement. What is in the change log already is dropped by its place in the binary log. Not
 * thread-safe.
 *
 * @see <a href="https://mariadb.com/kb/en/replication-protocol/">MariaDB: replication protocol</a>
 * @see <a href="https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html">MySQL: the same</a>
 */
final class BinlogDecoder {
    private static final int STANDALONE = 1;
    private static final Pattern WITH_ROWS = Pattern.compile("(?is)(CREATE\\s.*\\))\\s*START TRANSACTION");
    private static final long SECOND_MICROS = 1_000_000;

    private final ChangeSink sink;
    private final StreamTables tables;
    private final Gtids gtids;
    private final String server;
    private final BinlogPlace inLog;
    private final boolean inLogComplete;
    private final long inLogChanges;
    private final Map<Long, TableMapEventData> mapped = new HashMap<>();
    private final Map<Long, TableRows> rowsOf = new HashMap<>();
    private final PreparedElsewhere preparedElsewhere = new PreparedElsewhere();
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);
    private final ByteSink oldRow = new ByteSink(1024);
    private final ByteSink oldKey = new ByteSink(64);

    private String file;
    private Group group = Group.NONE;
    /** Whether the group is one statement, which nothing commits. */
    private boolean single;

    private boolean begun;

    /**
     * An event group.
     *
     * @param gtid its global transaction id
     * @param place behind its first event: inside the group, whatever its length
     */
    private record Group(String gtid, BinlogPlace place, long committedAtMicros, boolean dropped) {
        static final Group NONE = new Group("", new BinlogPlace("none.0", 0), 0, true);
    }

    BinlogDecoder(ChangeSink sink, StreamTables tables, ResumePoint point) {
        this.sink = sink;
        this.tables = tables;
        ResumePlace resume = ResumePlace.parse(point.resume());
        gtids = new Gtids(resume.gtids());
        server = resume.server();
        file = resume.place().file();
        inLog = BinlogPlace.parse(point.coordinate());
        inLogComplete = point.complete();
        inLogChanges = point.nextIndex();
    }

    void decode(Event event) {
        EventHeaderV4 header = event.getHeader();
        switch (header.getEventType()) {
            case ROTATE -> rotate(event.getData());
            case MARIADB_GTID -> begin(header, (MariadbGtidEventData) event.getData());
            case GTID, ANONYMOUS_GTID -> begin(header, (GtidEventData) event.getData());
            case TABLE_MAP -> {
                TableMapEventData data = event.getData();
                mapped.put(data.getTableId(), data);
            }
            case WRITE_ROWS, EXT_WRITE_ROWS -> {
                WriteRowsEventData data = event.getData();
                for (Serializable[] image : data.getRows()) {
                    single(Op.INSERT, data.getTableId(), image);
                }
            }
            case UPDATE_ROWS, EXT_UPDATE_ROWS -> {
                UpdateRowsEventData data = event.getData();
                for (Map.Entry<Serializable[], Serializable[]> images : data.getRows()) {
                    update(data.getTableId(), images.getKey(), images.getValue());
                }
            }
            case DELETE_ROWS, EXT_DELETE_ROWS -> {
                DeleteRowsEventData data = event.getData();
                for (Serializable[] image : data.getRows()) {
                    single(Op.DELETE, data.getTableId(), image);
                }
            }
            case QUERY -> query(header, event.getData());
            case XID -> commit(header);
            case XA_PREPARE -> prepared(header, event.getData());
            case TRANSACTION_PAYLOAD ->
                throw TidemarkException.streamLost("the transaction " + group.gtid()
                        + " is compressed in the binary log, which is not read; binlog_transaction_compression must be OFF "
                        + "in all sessions");
            case PARTIAL_UPDATE_ROWS_EVENT ->
                throw TidemarkException.streamLost(
                        "the transaction " + group.gtid()
                                + " holds parts of documents instead of rows; binlog_row_value_options must be empty in all sessions");
            case INCIDENT ->
                throw TidemarkException.streamLost("the server noted an incident in its binary log at " + file + ":"
                        + header.getPosition() + ": some changes are not in it");
            default -> {
                // Heartbeats, format descriptions and the like.
            }
        }
    }

    private void rotate(RotateEventData data) {
        file = data.getBinlogFilename();
        mapped.clear();
        rowsOf.clear();
    }

    private void begin(EventHeaderV4 header, MariadbGtidEventData data) {
        String gtid = data.getDomainId() + "-" + header.getServerId() + "-" + data.getSequence();
        gtids.add(gtid);
        begin(header, gtid, secondOf(header));
        single = (data.getFlags() & STANDALONE) == STANDALONE;
    }

    /** The group is a single statement, unless it says next that it begins. */
    private void begin(EventHeaderV4 header, GtidEventData data) {
        boolean anonymous = header.getEventType() == EventType.ANONYMOUS_GTID;
        String gtid = anonymous
                ? file + ":" + header.getNextPosition()
                : data.getMySqlGtid().toString();
        long micros = data.getImmediateCommitTimestamp();
        begin(header, gtid, micros > 0 ? micros : secondOf(header));
        single = true;
    }

    /**
     * Headers count seconds. A moment at a full second is before all of that second; and no transaction is told to be later
     * than it was, or what waits for a moment to be complete would not wait long enough.
     */
    private static long secondOf(EventHeaderV4 header) {
        return header.getTimestamp() / 1000 * SECOND_MICROS + 1;
    }

    private void begin(EventHeaderV4 header, String gtid, long committedAtMicros) {
        BinlogPlace place = new BinlogPlace(file, header.getNextPosition());
        int order = place.compareTo(inLog);
        group = new Group(gtid, place, committedAtMicros, order < 0 || (order == 0 && inLogComplete));
        begun = false;
    }

    private void ensureBegun(long committedAtMicros) {
        if (!begun) {
            begun = true;
            sink.begin(
                    new ChangeSink.TransactionStart(group.gtid(), group.place().toString(), committedAtMicros),
                    group.place().equals(inLog) ? inLogChanges : 0);
        }
    }

    /** How rows of a table are read; null if it is not under backup. */
    private @Nullable TableRows rows(long tableId) {
        TableRows known = rowsOf.get(tableId);
        if (known != null) {
            return known;
        }
        TableMapEventData data = mapped.get(tableId);
        if (data == null) {
            throw TidemarkException.streamLost(
                    "the binary log holds rows of a table that it does not describe, near " + group.place());
        }
        TableRows rows = tables.rows(data).orElse(null);
        if (rows != null) {
            rowsOf.put(tableId, rows);
        }
        return rows;
    }

    private boolean isHeartbeat(long tableId) {
        TableMapEventData data = mapped.get(tableId);
        return data != null && tables.isHeartbeat(data);
    }

    /** A row that came or went. */
    private void single(Op op, long tableId, Serializable[] image) {
        if (group.dropped()) {
            return;
        }
        TableRows rows = rows(tableId);
        if (rows != null) {
            rows.read(image, row, key);
            change(op, rows, key, op == Op.DELETE ? row : null, op == Op.DELETE ? null : row);
        }
    }

    private void update(long tableId, Serializable[] before, Serializable[] after) {
        if (group.dropped()) {
            return;
        }
        if (isHeartbeat(tableId)) {
            heartbeat(Heartbeat.read(after));
            return;
        }
        TableRows rows = rows(tableId);
        if (rows == null) {
            return;
        }
        rows.read(before, oldRow, oldKey);
        rows.read(after, row, key);
        boolean sameKey = Arrays.equals(oldKey.array(), 0, oldKey.length(), key.array(), 0, key.length());
        if (sameKey && !rows.schema().isMultiset()) {
            change(Op.UPDATE, rows, key, oldRow, row);
            return;
        }
        change(Op.DELETE, rows, oldKey, oldRow, null);
        change(rows.schema().isMultiset() ? Op.INSERT : Op.UPDATE, rows, key, null, row);
    }

    private void heartbeat(Heartbeat beat) {
        ensureBegun(beat.atMicros());
        beat.writeCounters(sink);
        sink.heartbeat();
        if (!beat.seal().isEmpty()) {
            sink.seal(beat.seal());
        }
    }

    private void change(Op op, TableRows rows, ByteSink rowKey, @Nullable ByteSink before, @Nullable ByteSink after) {
        ensureBegun(group.committedAtMicros());
        sink.change(op, rows.schemaId(), rowKey, null, before, after);
    }

    private void query(EventHeaderV4 header, QueryEventData data) {
        String text = data.getSql().strip();
        String word =
                text.length() > 12 ? text.substring(0, 12).toUpperCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT);
        if (group.gtid().isEmpty()) {
            throw TidemarkException.streamLost("the binary log has a statement at " + file + ":" + header.getPosition()
                    + " without a GTID event before it that is known; GTIDs with tags are not");
        }
        if (word.equals("BEGIN") || word.startsWith("XA START")) {
            single = false;
            return;
        }
        if (word.startsWith("SAVEPOINT") || word.startsWith("XA END")) {
            return;
        }
        if (word.equals("COMMIT")) {
            commit(header);
        } else if (word.startsWith("ROLLBACK")) {
            rolledBack();
        } else if (word.startsWith("XA ")) {
            if (!group.dropped() && word.startsWith("XA COMMIT")) {
                preparedElsewhere.requireKnown(text.substring("XA COMMIT".length()), group.gtid());
            }
            commit(header);
        } else {
            statement(header, data, text);
        }
    }

    /** With tables that know no transactions in it, what is rolled back is in the log all the same. */
    private void rolledBack() {
        if (begun) {
            throw TidemarkException.streamLost("the transaction " + group.gtid()
                    + " was rolled back in part, because tables of another engine than InnoDB take part in it");
        }
    }

    private void statement(EventHeaderV4 header, QueryEventData data, String logged) {
        // A table that is made of a query and its rows are one transaction in MySQL's log.
        Matcher withRows = WITH_ROWS.matcher(logged);
        String text = withRows.matches() ? withRows.group(1) : logged;
        single &= !withRows.matches();
        if (!group.dropped()) {
            DdlEffect effect = tables.apply(data.getDatabase(), text, group.place());
            if (effect instanceof DdlEffect.Unknown unknown) {
                throw TidemarkException.streamLost(unknown.reason());
            }
            if (effect instanceof DdlEffect.Truncated truncated) {
                ensureBegun(group.committedAtMicros());
                key.clear();
                sink.change(Op.TRUNCATE, tables.schemaId(truncated.table()), key, null, null, null);
            }
            if (effect instanceof DdlEffect.Changed) {
                ensureBegun(group.committedAtMicros());
                sink.schema(tables.schema());
                rowsOf.clear();
            }
        }
        if (single) {
            commit(header);
        }
    }

    private void commit(EventHeaderV4 header) {
        if (begun) {
            BinlogPlace behind = new BinlogPlace(file, header.getNextPosition());
            sink.commit(new ResumePlace(behind, gtids.toString(), server).toString());
        }
        group = Group.NONE;
        begun = false;
    }

    /** A transaction in two steps: what it holds counts when it is committed, which is another group of the log. */
    private void prepared(EventHeaderV4 header, XAPrepareEventData data) {
        if (begun && !data.isOnePhase()) {
            throw TidemarkException.streamLost("the transaction " + group.gtid()
                    + " was prepared to be committed in two steps, which is not followed");
        }
        if (!group.dropped() && !data.isOnePhase()) {
            preparedElsewhere.add(data);
        }
        commit(header);
    }
}

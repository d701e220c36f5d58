package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MariadbGtidEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
    private final StreamTables schema;
    private final MappedTables tables;
    private final FollowingRows following;
    private final Set<String> followed = new TreeSet<>();
    private final Gtids gtids;
    private final String server;
    private final BinlogPlace inLog;
    private final boolean inLogComplete;
    private final long inLogChanges;
    private final PreparedElsewhere preparedElsewhere = new PreparedElsewhere();
    private final ByteSink row = new ByteSink(1024);
    private final ByteSink key = new ByteSink(64);
    private final ByteSink oldRow = new ByteSink(1024);
    private final ByteSink oldKey = new ByteSink(64);
    private final RowImages images = this::row;

    private String file;
    private Group group = Group.NONE;
    /** Whether the group is one statement, which nothing commits. */
    private boolean single;

    private boolean begun;
    private Optional<Unsettled> unsettled = Optional.empty();

    /**
     * A statement of the schema, or a transaction, of which it is not known yet what it left behind.
     *
     * @param tables whose rows must be read again, as they look behind it
     * @param reason why; empty text if there are none
     * @param behind its end
     * @param until how far the log must be read to know the schema
     */
    record Unsettled(List<TableShape> tables, String reason, BinlogPlace behind, BinlogPlace until) {}

    /**
     * An event group.
     *
     * @param gtid its global transaction id
     * @param place behind its first event: inside the group, whatever its length
     */
    private record Group(String gtid, BinlogPlace place, long committedAtMicros, boolean dropped) {
        static final Group NONE = new Group("", new BinlogPlace("none.0", 0), 0, true);
    }

    BinlogDecoder(ChangeSink sink, StreamTables schema, ResumePoint point) {
        this.sink = sink;
        this.schema = schema;
        tables = new MappedTables(schema);
        following = new FollowingRows(schema.following());
        ResumePlace resume = ResumePlace.parse(point.resume());
        gtids = new Gtids(resume.gtids());
        server = resume.server();
        file = resume.place().file();
        inLog = BinlogPlace.parse(point.coordinate());
        inLogComplete = point.complete();
        inLogChanges = point.nextIndex();
    }

    /** Takes the next event; not while a statement is {@link #unsettled}. */
    void decode(Event event) {
        if (RowImages.areIn(event)) {
            if (!group.dropped()) {
                RowImages.each(event, images);
            }
            return;
        }
        EventHeaderV4 header = event.getHeader();
        switch (header.getEventType()) {
            case ROTATE -> rotate(event.getData());
            case MARIADB_GTID -> begin(header, (MariadbGtidEventData) event.getData());
            case GTID, ANONYMOUS_GTID -> begin(header, (GtidEventData) event.getData());
            case TABLE_MAP -> map(event.getData());
            case QUERY -> query(header, event.getData());
            case XID -> commit(header);
            case XA_PREPARE -> prepared(header, event.getData());
            default -> {
                if (!group.dropped()) {
                    OtherEvents.requireHarmless(event, file);
                }
            }
        }
    }

    private void map(TableMapEventData data) {
        tables.map(data);
        following.map(data);
    }

    private void rotate(RotateEventData data) {
        file = data.getBinlogFilename();
        forgetTables();
    }

    private void forgetTables() {
        tables.forget();
        following.forget();
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
        BinlogPlace place = behind(header);
        int order = place.compareTo(inLog);
        group = new Group(gtid, place, committedAtMicros, order < 0 || (order == 0 && inLogComplete));
        begun = false;
        followed.clear();
    }

    /** The place behind an event. */
    private BinlogPlace behind(EventHeaderV4 header) {
        return new BinlogPlace(file, header.getNextPosition());
    }

    private void ensureBegun(long committedAtMicros) {
        if (!begun) {
            begun = true;
            sink.begin(start(committedAtMicros), group.place().equals(inLog) ? inLogChanges : 0);
        }
    }

    private ChangeSink.TransactionStart start(long committedAtMicros) {
        return new ChangeSink.TransactionStart(group.gtid(), group.place().toString(), committedAtMicros);
    }

    private void row(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after) {
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
        String text = schema.plain(data.getSql());
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
            DdlEffect effect = schema.apply(data.getDatabase(), text, group.place());
            if (effect instanceof DdlEffect.Unknown unknown) {
                throw TidemarkException.streamLost(unknown.reason());
            }
            if (effect instanceof DdlEffect.Truncated truncated) {
                ensureBegun(group.committedAtMicros());
                key.clear();
                sink.change(Op.TRUNCATE, schema.schemaId(truncated.table()), key, null, null, null);
            }
            if (effect instanceof DdlEffect.Changed) {
                changed(header);
            }
            if (effect instanceof DdlEffect.Rewritten rewritten) {
                rewritten(header, rewritten);
            }
        }
        if (single && unsettled.isEmpty()) {
            commit(header);
        }
    }

    private void changed(EventHeaderV4 header) {
        if (single && group.place().equals(inLog) && inLogChanges > 0) {
            throw TidemarkException.streamLost("tables were not read again to the end behind the statement of "
                    + group.gtid() + ", and it is not known any more which");
        }
        ensureBegun(group.committedAtMicros());
        forgetTables();
        BinlogPlace behind = behind(header);
        if (single && schema.unsettledUntil().compareTo(behind) > 0) {
            unsettled = Optional.of(new Unsettled(List.of(), "", behind, schema.unsettledUntil()));
        } else {
            schema.settle(false);
        }
    }

    private void rewritten(EventHeaderV4 header, DdlEffect.Rewritten effect) {
        if (!single) {
            throw TidemarkException.streamLost(effect.reason());
        }
        List<TableShape> again = effect.rewritten().stream()
                .sorted()
                .filter(schema::knows)
                .map(schema::shape)
                .toList();
        // What of it is in the log already is taken back by the truncations.
        ensureBegun(group.committedAtMicros());
        sink.skipNoMore();
        forgetTables();
        unsettled = Optional.of(new Unsettled(again, effect.reason(), behind(header), schema.unsettledUntil()));
    }

    /** What must be settled before the next event is decoded; its transaction stays open. */
    Optional<Unsettled> unsettled() {
        return unsettled;
    }

    /**
     * What was unsettled is handed over.
     *
     * @return where the log goes on
     */
    ResumePlace commitSettled() {
        BinlogPlace behind = unsettled.orElseThrow().behind();
        unsettled = Optional.empty();
        return commit(behind);
    }

    private void commit(EventHeaderV4 header) {
        followed.removeIf(table -> !schema.knows(table));
        if (!followed.isEmpty()) {
            readFollowing(behind(header));
            return;
        }
        if (begun) {
            commit(behind(header));
        }
        group = Group.NONE;
    }

    /** Rows that followed others are read as they are behind the transaction, and are its last changes. */
    private void readFollowing(BinlogPlace behind) {
        ensureBegun(group.committedAtMicros());
        sink.skipNoMore();
        List<TableShape> again = followed.stream().map(schema::shape).toList();
        String reason = "rows of " + followed + " followed others through foreign keys, of which the log does not tell";
        followed.clear();
        unsettled = Optional.of(new Unsettled(again, reason, behind, behind));
    }

    private ResumePlace commit(BinlogPlace behind) {
        ResumePlace resume = new ResumePlace(behind, gtids.toString(), server);
        sink.commit(resume.toString());
        group = Group.NONE;
        begun = false;
        return resume;
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

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
import io.tidemark.model.TidemarkException;
import io.tidemark.mysql.BinlogPlace;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    private static final int PREPARED = 64;
    private static final String XA_START = "XA START";
    private static final String XA_ROLLBACK = "XA ROLLBACK";

    private final ChangeSink sink;
    private final StreamTables schema;
    private final EventGroup group;
    private final RowChanges rows;
    private final Gtids gtids;
    private final String server;
    private final PreparedTransactions prepared;

    private String file;
    /** Whether the group is one statement, which nothing commits. */
    private boolean single;

    private Optional<Unsettled> unsettled = Optional.empty();
    private Optional<Recall> recall = Optional.empty();

    /**
     * A statement of the schema, or a transaction, of which it is not known yet what it left behind.
     *
     * @param tables whose rows must be read again, as they look behind it
     * @param reason why; empty text if there are none
     * @param behind its end
     * @param until how far the log must be read to know the schema
     * @param elsewhere prepared transactions that do nothing to what is under backup
     */
    record Unsettled(
            List<TableShape> tables, String reason, BinlogPlace behind, BinlogPlace until, Set<String> elsewhere) {}

    /**
     * @param mostPreparedBytes of the log that are kept of transactions in two steps
     */
    BinlogDecoder(ChangeSink sink, StreamTables schema, ResumePoint point, long mostPreparedBytes) {
        this.sink = sink;
        this.schema = schema;
        group = new EventGroup(sink, point);
        rows = new RowChanges(sink, schema, group);
        ResumePlace resume = ResumePlace.parse(point.resume());
        gtids = new Gtids(resume.gtids());
        server = resume.server();
        prepared = new PreparedTransactions(resume.prepared(), mostPreparedBytes);
        file = resume.place().file();
    }

    /** Takes the next event; not while a statement is {@link #unsettled}, or a transaction must be {@link #recall recalled}. */
    void decode(Event event) {
        if (RowImages.areIn(event)) {
            if (prepared.isReading()) {
                prepared.take(event, false);
            } else if (!group.isDropped()) {
                RowImages.each(event, rows);
            }
            return;
        }
        EventHeaderV4 header = event.getHeader();
        switch (header.getEventType()) {
            case ROTATE -> rotate(event.getData());
            case MARIADB_GTID -> begin(header, (MariadbGtidEventData) event.getData());
            case GTID, ANONYMOUS_GTID -> begin(header, (GtidEventData) event.getData());
            case TABLE_MAP -> map(event);
            case QUERY -> query(header, event.getData());
            case XID -> commit(header);
            case XA_PREPARE -> prepared(header, event.getData());
            default -> {
                if (!group.isDropped()) {
                    OtherEvents.requireHarmless(event, file);
                }
            }
        }
    }

    private void map(Event event) {
        TableMapEventData data = event.getData();
        rows.map(data);
        if (prepared.isReading()) {
            prepared.take(event, rows.concern(data));
        }
    }

    private void rotate(RotateEventData data) {
        file = data.getBinlogFilename();
        rows.forgetTables();
    }

    private void begin(EventHeaderV4 header, MariadbGtidEventData data) {
        String gtid = data.getDomainId() + "-" + header.getServerId() + "-" + data.getSequence();
        gtids.add(gtid);
        begin(header, gtid, secondOf(header));
        single = (data.getFlags() & STANDALONE) == STANDALONE;
        if ((data.getFlags() & PREPARED) == PREPARED) {
            startPrepared();
        }
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
        group.begin(gtid, new BinlogPlace(file, header.getPosition()), behind(header), committedAtMicros);
        rows.begin();
    }

    /** The place behind an event. */
    private BinlogPlace behind(EventHeaderV4 header) {
        return new BinlogPlace(file, header.getNextPosition());
    }

    private void query(EventHeaderV4 header, QueryEventData data) {
        String text = schema.plain(data.getSql());
        String word =
                text.length() > 12 ? text.substring(0, 12).toUpperCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT);
        if (group.gtid().isEmpty()) {
            throw TidemarkException.streamLost("the binary log has a statement at " + file + ":" + header.getPosition()
                    + " without a GTID event before it that is known; GTIDs with tags are not");
        }
        if (word.equals("BEGIN")) {
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
            inTwoSteps(header, word, text);
        } else {
            statement(header, data, text);
        }
    }

    private void startPrepared() {
        prepared.start(new ResumePlace(group.before(), gtids.beforeLast(), server));
    }

    private void inTwoSteps(EventHeaderV4 header, String word, String text) {
        if (word.startsWith(XA_START)) {
            single = false;
            startPrepared();
            return;
        }
        if (word.startsWith(PreparedTransaction.COMMIT)
                && !prepared.commit(PreparedTransaction.id(text, PreparedTransaction.COMMIT))
                && !group.isDropped()
                && schema.copyMayLackPrepared()) {
            throw PreparedTransactions.unknown(group.gtid());
        }
        if (word.startsWith(XA_ROLLBACK)) {
            prepared.rollBack(PreparedTransaction.id(text, XA_ROLLBACK));
        }
        commit(header);
    }

    /** With tables that know no transactions in it, what is rolled back is in the log all the same. */
    private void rolledBack() {
        if (group.isBegun() || prepared.isConcerned()) {
            throw TidemarkException.streamLost("the transaction " + group.gtid()
                    + " was rolled back in part, because tables of another engine than InnoDB take part in it");
        }
    }

    private void statement(EventHeaderV4 header, QueryEventData data, String logged) {
        // A table that is made of a query and its rows are one transaction in MySQL's log.
        Matcher withRows = WITH_ROWS.matcher(logged);
        String text = withRows.matches() ? withRows.group(1) : logged;
        single &= !withRows.matches();
        if (!group.isDropped()) {
            DdlEffect effect = schema.apply(data.getDatabase(), text, group.place());
            if (effect instanceof DdlEffect.Unknown unknown) {
                throw TidemarkException.streamLost(unknown.reason());
            }
            if (effect instanceof DdlEffect.Truncated truncated) {
                rows.truncate(truncated.table());
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
        if (single && group.isContinued()) {
            throw TidemarkException.streamLost("tables were not read again to the end behind the statement of "
                    + group.gtid() + ", and it is not known any more which");
        }
        group.ensureBegun();
        rows.forgetTables();
        BinlogPlace behind = behind(header);
        if (single && schema.unsettledUntil().compareTo(behind) > 0) {
            unsettled = Optional.of(new Unsettled(List.of(), "", behind, schema.unsettledUntil(), Set.of()));
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
        group.ensureBegun();
        sink.skipNoMore();
        rows.forgetTables();
        unsettled = Optional.of(
                new Unsettled(again, effect.reason(), behind(header), schema.unsettledUntil(), prepared.elsewhere()));
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
        BinlogPlace behind = behind(header);
        Optional<PreparedTransaction> ended = prepared.end().filter(PreparedTransaction::isConcerned);
        if (ended.isPresent() && !group.isDropped()) {
            rows.forgetTables();
            Optional<List<Event>> events = ended.get().events();
            if (events.isEmpty()) {
                recall = Optional.of(new Recall(ended.get(), behind, this::decode));
                return;
            }
            events.get().forEach(this::decode);
            rows.forgetTables();
        }
        end(behind);
    }

    private void end(BinlogPlace behind) {
        List<String> followed = rows.takeFollowed();
        if (!followed.isEmpty()) {
            readFollowing(followed, behind);
        } else if (group.isBegun()) {
            commit(behind);
        } else {
            group.end();
        }
    }

    /** What must be read from the log again before the next event is decoded; the transaction stays open. */
    Optional<Recall> recall() {
        return recall;
    }

    /**
     * All of it was read; then it is committed, or {@link #unsettled}.
     *
     * @return where the log goes on
     */
    ResumePlace endRecall() {
        BinlogPlace behind = recall.orElseThrow().behind();
        recall = Optional.empty();
        rows.forgetTables();
        end(behind);
        return resume(behind);
    }

    /** Rows that followed others are read as they are behind the transaction, and are its last changes. */
    private void readFollowing(List<String> followed, BinlogPlace behind) {
        group.ensureBegun();
        sink.skipNoMore();
        List<TableShape> again = followed.stream().map(schema::shape).toList();
        String reason = "rows of " + followed + " followed others through foreign keys, of which the log does not tell";
        unsettled = Optional.of(new Unsettled(again, reason, behind, behind, prepared.elsewhere()));
    }

    private ResumePlace commit(BinlogPlace behind) {
        ResumePlace resume = resume(behind);
        group.commit(resume);
        return resume;
    }

    private ResumePlace resume(BinlogPlace behind) {
        return new ResumePlace(behind, gtids.toString(), server, prepared.undecided());
    }

    /** A transaction in two steps: what it holds counts when it is committed, which is another group of the log. */
    private void prepared(EventHeaderV4 header, XAPrepareEventData data) {
        if (!data.isOnePhase()) {
            prepared.prepare(PreparedTransaction.id(data));
        }
        commit(header);
    }
}

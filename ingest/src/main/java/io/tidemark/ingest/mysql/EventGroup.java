package io.tidemark.ingest.mysql;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.mysql.BinlogPlace;

/**
 * The event group that is read, and what of it is in the change log already: a group that is there completely is dropped,
 * one that is there in part goes on. Not thread-safe.
 */
final class EventGroup {
    private final ChangeSink sink;
    private final BinlogPlace inLog;
    private final boolean inLogComplete;
    private final long inLogChanges;
    private String gtid = "";
    private BinlogPlace before = BinlogPlace.NOWHERE;
    private BinlogPlace place = BinlogPlace.NOWHERE;
    private long committedAtMicros;
    private boolean dropped = true;
    private boolean begun;

    EventGroup(ChangeSink sink, ResumePoint point) {
        this.sink = sink;
        inLog = BinlogPlace.parse(point.coordinate());
        inLogComplete = point.complete();
        inLogChanges = point.nextIndex();
    }

    /**
     * Another group begins.
     *
     * @param id its global transaction id
     * @param start before its first event
     * @param inside behind its first event: inside the group, whatever its length
     */
    void begin(String id, BinlogPlace start, BinlogPlace inside, long micros) {
        gtid = id;
        before = start;
        place = inside;
        committedAtMicros = micros;
        int order = place.compareTo(inLog);
        dropped = order < 0 || (order == 0 && inLogComplete);
        begun = false;
    }

    /** Its global transaction id; empty text between groups. */
    String gtid() {
        return gtid;
    }

    /** Before its first event. */
    BinlogPlace before() {
        return before;
    }

    /** Its coordinate. */
    BinlogPlace place() {
        return place;
    }

    /** Whether nothing of it may be handed over. */
    boolean isDropped() {
        return dropped;
    }

    /** Whether a part of it is in the change log from before. */
    boolean isContinued() {
        return place.equals(inLog) && inLogChanges > 0;
    }

    /** Whether something of it was handed over. */
    boolean isBegun() {
        return begun;
    }

    /** Lets its transaction begin, if it has not. */
    void ensureBegun() {
        ensureBegun(committedAtMicros);
    }

    /** The same, with a commit time that is known better. */
    void ensureBegun(long micros) {
        if (!begun) {
            begun = true;
            sink.begin(
                    new ChangeSink.TransactionStart(gtid, place.toString(), micros), isContinued() ? inLogChanges : 0);
        }
    }

    /** Its transaction is committed. */
    void commit(ResumePlace resume) {
        sink.commit(resume.toString());
        end();
    }

    /** It is over. */
    void end() {
        gtid = "";
        before = BinlogPlace.NOWHERE;
        place = BinlogPlace.NOWHERE;
        dropped = true;
        begun = false;
    }
}

package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A transaction that is committed in two steps: what it does is in the log where it is prepared, and counts where it is
 * committed. Not thread-safe.
 */
final class PreparedTransaction {
    private final ResumePlace begin;
    private final List<Event> events = new ArrayList<>();
    private long bytes;
    private boolean concerned;
    private boolean complete = true;

    /**
     * What outlives a restart.
     *
     * @param id as statements have it
     * @param begin where the log tells what it does; empty if that is nothing that is under backup
     */
    record Kept(String id, Optional<ResumePlace> begin) {}

    /**
     * Begins.
     *
     * @param begin before its first event
     */
    PreparedTransaction(ResumePlace begin) {
        this.begin = begin;
    }

    /** One that was prepared before a restart. */
    static PreparedTransaction of(Kept kept) {
        PreparedTransaction transaction = new PreparedTransaction(kept.begin().orElse(ResumePlace.NOWHERE));
        transaction.concerned = kept.begin().isPresent();
        transaction.complete = false;
        return transaction;
    }

    /** A transaction's id, as statements have it. */
    static String id(XAPrepareEventData data) {
        byte[] both = data.getData();
        int global = data.getGtridLength();
        int branch = data.getBqualLength();
        return "x'" + HexFormat.of().formatHex(both, 0, global) + "',x'"
                + HexFormat.of().formatHex(both, global, global + branch) + "'," + data.getFormatID();
    }

    /** A transaction's id in a statement that begins so. */
    static String id(String statement, String verb) {
        return statement.substring(verb.length()).strip().toLowerCase(Locale.ROOT);
    }

    /** Where the log begins to tell what it does. */
    ResumePlace begin() {
        return begin;
    }

    Kept kept(String id) {
        return new Kept(id, concerned ? Optional.of(begin) : Optional.empty());
    }

    /** From here on, it may do something to what is under backup. */
    void concern() {
        concerned = true;
    }

    /** Whether something in it is, or may be, about what is under backup. */
    boolean isConcerned() {
        return concerned;
    }

    /**
     * Keeps an event, if any in it matters.
     *
     * @param mostBytes in the log; with more, none is kept
     * @return by how much the bytes that it keeps became more or less
     */
    long add(Event event, long mostBytes) {
        if (!concerned || !complete) {
            return 0;
        }
        EventHeaderV4 header = event.getHeader();
        if (bytes + header.getEventLength() > mostBytes) {
            return -forget();
        }
        events.add(event);
        bytes += header.getEventLength();
        return header.getEventLength();
    }

    /** Keeps nothing: the log has to be read again. */
    private long forget() {
        long forgotten = bytes;
        events.clear();
        bytes = 0;
        complete = false;
        return forgotten;
    }

    /** The tables and rows that matter, in their order; empty if they were not kept. */
    Optional<List<Event>> events() {
        return complete ? Optional.of(List.copyOf(events)) : Optional.empty();
    }

    /** How many bytes of the log it keeps. */
    long bytes() {
        return bytes;
    }
}

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
    /** How the statement begins that commits one. */
    static final String COMMIT = "XA COMMIT";

    private final ResumePlace begin;
    private final long mostBytes;
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
     * @param mostBytes of the log that are kept; with more, nothing is
     */
    PreparedTransaction(ResumePlace begin, long mostBytes) {
        this.begin = begin;
        this.mostBytes = mostBytes;
    }

    /** One that was prepared before a restart. */
    static PreparedTransaction of(Kept kept) {
        PreparedTransaction transaction = new PreparedTransaction(kept.begin().orElse(ResumePlace.NOWHERE), 0);
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

    /** Whether something in it is, or may be, about what is under backup. */
    boolean isConcerned() {
        return concerned;
    }

    /**
     * Takes a table or rows, and keeps them if they may matter.
     *
     * @param concerns whether it may be about something under backup; what comes behind it matters then, too
     */
    void add(Event event, boolean concerns) {
        concerned |= concerns;
        if (!concerned || !complete) {
            return;
        }
        EventHeaderV4 header = event.getHeader();
        if (bytes + header.getEventLength() > mostBytes) {
            events.clear();
            bytes = 0;
            complete = false;
            return;
        }
        events.add(event);
        bytes += header.getEventLength();
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

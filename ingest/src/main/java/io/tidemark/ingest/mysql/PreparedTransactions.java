package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.model.TidemarkException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The transactions in two steps that are read, or prepared and not decided. What they do is kept up to a number of bytes;
 * beyond that, and after a restart, the log must be read again. Not thread-safe.
 */
final class PreparedTransactions {
    private final long mostBytes;
    private final Map<String, PreparedTransaction> undecided = new LinkedHashMap<>();
    private @Nullable PreparedTransaction current;

    /**
     * @param kept what is known from before a restart
     * @param mostBytes of the log that are kept at once
     */
    PreparedTransactions(List<PreparedTransaction.Kept> kept, long mostBytes) {
        this.mostBytes = mostBytes;
        kept.forEach(one -> undecided.put(one.id(), PreparedTransaction.of(one)));
    }

    /** The log begins to tell what a transaction does. */
    void start(ResumePlace begin) {
        long kept = undecided.values().stream()
                .mapToLong(PreparedTransaction::bytes)
                .sum();
        current = new PreparedTransaction(begin, mostBytes - kept);
    }

    /** Whether what the log tells is not to count yet. */
    boolean isReading() {
        return current != null;
    }

    /** Whether what was read may be about something under backup. */
    boolean isConcerned() {
        return current != null && current.isConcerned();
    }

    /**
     * Takes a table or rows of the transaction that is read.
     *
     * @param concerns whether it may be about something under backup; what comes behind it matters then, too
     */
    void take(Event event, boolean concerns) {
        if (current != null) {
            current.add(event, concerns);
        }
    }

    /** The transaction that is read is prepared. */
    void prepare(String id) {
        PreparedTransaction reading = current;
        if (reading != null) {
            current = null;
            undecided.put(id, reading);
        }
    }

    /** A transaction is rolled back. */
    void rollBack(String id) {
        undecided.remove(id);
    }

    /**
     * A transaction is committed, and is the next that {@link #end} gives.
     *
     * @return whether it is known
     */
    boolean commit(String id) {
        current = undecided.remove(id);
        return current != null;
    }

    /** The transaction that was read or committed, if there is one. */
    Optional<PreparedTransaction> end() {
        Optional<PreparedTransaction> ended = Optional.ofNullable(current);
        current = null;
        return ended;
    }

    /** Those that are not decided. */
    List<PreparedTransaction.Kept> undecided() {
        return undecided.entrySet().stream()
                .map(entry -> entry.getValue().kept(entry.getKey()))
                .toList();
    }

    /** The ids of those that are not decided and do nothing to what is under backup. */
    Set<String> elsewhere() {
        return undecided.entrySet().stream()
                .filter(entry -> !entry.getValue().isConcerned())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** What a transaction means that nobody saw being prepared. */
    static TidemarkException unknown(String gtid) {
        return TidemarkException.streamLost("the transaction " + gtid
                + " was committed in two steps, and was prepared before the initial copy began");
    }
}

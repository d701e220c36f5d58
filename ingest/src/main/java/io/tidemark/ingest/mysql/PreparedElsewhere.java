package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import java.util.HashSet;
import java.util.Set;

/**
 * Transactions in two steps that do nothing to some tables: whether they are prepared or committed does not matter to who
 * reads these. Not thread-safe.
 */
final class PreparedElsewhere {
    private final Set<String> ids;
    private boolean touched;

    /**
     * @param ids of those known from before
     */
    PreparedElsewhere(Set<String> ids) {
        this.ids = new HashSet<>(ids);
    }

    /** Another transaction begins. */
    void begin() {
        touched = false;
    }

    /** The transaction does something to the tables. */
    void touched() {
        touched = true;
    }

    /** Whether it does not matter that the transaction is prepared here. */
    boolean prepare(XAPrepareEventData data) {
        ids.add(PreparedTransaction.id(data));
        return data.isOnePhase() || !touched;
    }

    /** Looks at a statement; false if it commits a transaction that may have done something to the tables. */
    boolean allows(String text) {
        return !text.regionMatches(true, 0, PreparedTransaction.COMMIT, 0, PreparedTransaction.COMMIT.length())
                || ids.contains(PreparedTransaction.id(text, PreparedTransaction.COMMIT));
    }
}

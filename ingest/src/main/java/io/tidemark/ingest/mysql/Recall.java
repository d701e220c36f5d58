package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import io.tidemark.mysql.BinlogPlace;
import java.util.function.Consumer;

/** Reads from the log again what a prepared transaction did, from its beginning on. Not thread-safe. */
final class Recall {
    private final PreparedTransaction transaction;
    private final BinlogPlace behind;
    private final Consumer<Event> use;
    private String file;
    private boolean begun;
    private boolean inside;
    private boolean complete;

    /**
     * @param behind the end of the group that commits it
     * @param use takes its tables and rows
     */
    Recall(PreparedTransaction transaction, BinlogPlace behind, Consumer<Event> use) {
        this.transaction = transaction;
        this.behind = behind;
        this.use = use;
        file = transaction.begin().place().file();
    }

    /**
     * Begins with the next event.
     *
     * @return where the log must be read
     */
    ResumePlace begin() {
        begun = true;
        return transaction.begin();
    }

    /** The end of the group that commits it. */
    BinlogPlace behind() {
        return behind;
    }

    /** Whether the log is read for it. */
    boolean isReading() {
        return begun && !complete;
    }

    boolean isComplete() {
        return complete;
    }

    /** Takes the next event; those that are not of the transaction are passed over. */
    void take(Event event) {
        if (!isReading()) {
            return;
        }
        EventHeaderV4 header = event.getHeader();
        switch (header.getEventType()) {
            case ROTATE -> file = event.<RotateEventData>getData().getBinlogFilename();
            case MARIADB_GTID, GTID, ANONYMOUS_GTID -> inside = begins(header);
            case XA_PREPARE, XID -> complete = inside;
            case TABLE_MAP -> use(event);
            default -> {
                if (RowImages.areIn(event)) {
                    use(event);
                }
            }
        }
    }

    private void use(Event event) {
        if (inside) {
            use.accept(event);
        }
    }

    private boolean begins(EventHeaderV4 header) {
        return new BinlogPlace(file, header.getPosition())
                .equals(transaction.begin().place());
    }
}

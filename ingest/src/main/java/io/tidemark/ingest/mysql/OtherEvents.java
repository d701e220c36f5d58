package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import io.tidemark.model.TidemarkException;
import java.util.EnumSet;
import java.util.Set;

/** Events that are neither rows nor statements nor limits of transactions: whether they may be passed over. */
final class OtherEvents {
    /** Servers say of an event that a reader that does not know it loses nothing. */
    private static final int IGNORABLE_FLAG = 0x80;

    private static final Set<EventType> HARMLESS = EnumSet.of(
            EventType.FORMAT_DESCRIPTION,
            EventType.PREVIOUS_GTIDS,
            EventType.MARIADB_GTID_LIST,
            EventType.BINLOG_CHECKPOINT,
            EventType.HEARTBEAT,
            EventType.IGNORABLE,
            EventType.ROWS_QUERY,
            EventType.ANNOTATE_ROWS,
            EventType.TRANSACTION_CONTEXT,
            EventType.VIEW_CHANGE,
            EventType.ROTATE,
            EventType.STOP,
            // They tell of the statement that follows.
            EventType.INTVAR,
            EventType.RAND,
            EventType.USER_VAR);

    private OtherEvents() {}

    /**
     * Makes sure that nothing is lost with an event.
     *
     * @param file the log that it is in
     * @throws TidemarkException of kind STREAM_LOST if it holds changes, or may hold some
     */
    static void requireHarmless(Event event, String file) {
        EventHeaderV4 header = event.getHeader();
        EventType type = header.getEventType();
        if (!HARMLESS.contains(type) && (header.getFlags() & IGNORABLE_FLAG) == 0) {
            throw TidemarkException.streamLost(
                    "the binary log has at " + file + ":" + header.getPosition() + " " + what(type));
        }
    }

    private static String what(EventType type) {
        return switch (type) {
            case TRANSACTION_PAYLOAD ->
                "a compressed transaction, which is not read; binlog_transaction_compression must be OFF in all sessions";
            case PARTIAL_UPDATE_ROWS_EVENT ->
                "parts of documents instead of rows; binlog_row_value_options must be empty in all sessions";
            case BEGIN_LOAD_QUERY, EXECUTE_LOAD_QUERY ->
                "a file that was loaded by a statement, instead of its rows; binlog_format must be ROW in all sessions";
            case INCIDENT -> "an incident that the server noted: some changes are not in it";
            case UNKNOWN ->
                "an event of a kind that is not read, such as compressed ones, which log_bin_compress = OFF avoids";
            default -> "an event of the kind " + type + ", which is not read";
        };
    }
}

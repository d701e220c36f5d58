package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeader;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes the rows of row events. */
interface RowImages {
    /** A row as it was and as it is; null where there was none, or is none any more. */
    void row(long tableId, Serializable @Nullable [] before, Serializable @Nullable [] after);

    /** Whether an event holds rows. */
    static boolean areIn(Event event) {
        return EventType.isRowMutation(event.<EventHeader>getHeader().getEventType());
    }

    /** Hands over the rows of an event that holds some. */
    static void each(Event event, RowImages use) {
        EventType type = event.<EventHeader>getHeader().getEventType();
        if (EventType.isWrite(type)) {
            WriteRowsEventData data = event.getData();
            for (Serializable[] image : data.getRows()) {
                use.row(data.getTableId(), null, image);
            }
        } else if (EventType.isUpdate(type)) {
            UpdateRowsEventData data = event.getData();
            for (Map.Entry<Serializable[], Serializable[]> images : data.getRows()) {
                use.row(data.getTableId(), images.getKey(), images.getValue());
            }
        } else {
            DeleteRowsEventData data = event.getData();
            for (Serializable[] image : data.getRows()) {
                use.row(data.getTableId(), image, null);
            }
        }
    }
}

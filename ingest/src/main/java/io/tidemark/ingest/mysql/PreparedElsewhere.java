package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.XAPrepareEventData;
import io.tidemark.model.TidemarkException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/**
 * Transactions that were prepared to be committed in two steps and hold nothing that is under backup. Any other that is
 * committed may hold rows that were prepared before an initial copy began, which did not see them. Not thread-safe.
 */
final class PreparedElsewhere {
    private final Set<String> ids = new HashSet<>();

    void add(XAPrepareEventData data) {
        byte[] both = data.getData();
        int global = data.getGtridLength();
        int branch = data.getBqualLength();
        ids.add(("X'" + HexFormat.of().formatHex(Arrays.copyOf(both, global)) + "',X'"
                        + HexFormat.of().formatHex(Arrays.copyOfRange(both, global, global + branch)) + "',"
                        + data.getFormatID())
                .toLowerCase(Locale.ROOT));
    }

    /**
     * Forgets a transaction that is committed.
     *
     * @param id as the statement has it
     * @throws TidemarkException of kind STREAM_LOST if it is not one of these
     */
    void requireKnown(String id, String gtid) {
        if (!ids.remove(id.strip().toLowerCase(Locale.ROOT))) {
            throw TidemarkException.streamLost(
                    "the transaction " + gtid + " was committed in two steps, and what it holds is not known");
        }
    }
}

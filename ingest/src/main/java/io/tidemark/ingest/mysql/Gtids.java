package io.tidemark.ingest.mysql;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The last global transaction id of each replication domain. Not thread-safe. */
final class Gtids {
    private final Map<Long, String> lastOfDomain = new TreeMap<>();
    private long lastDomain;
    private @Nullable String beforeLast;

    Gtids(String text) {
        for (String gtid : text.isEmpty() ? List.<String>of() : List.of(text.split(",", -1))) {
            add(gtid);
        }
    }

    void add(String gtid) {
        lastDomain = Long.parseLong(gtid.substring(0, gtid.indexOf('-')));
        beforeLast = lastOfDomain.put(lastDomain, gtid);
    }

    /** What this was before the last one was added. */
    String beforeLast() {
        Map<Long, String> before = new TreeMap<>(lastOfDomain);
        if (beforeLast == null) {
            before.remove(lastDomain);
        } else {
            before.put(lastDomain, beforeLast);
        }
        return String.join(",", before.values());
    }

    @Override
    public String toString() {
        return String.join(",", lastOfDomain.values());
    }
}

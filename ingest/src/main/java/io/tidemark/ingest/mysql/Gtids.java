package io.tidemark.ingest.mysql;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The last global transaction id of each replication domain. Not thread-safe. */
final class Gtids {
    private final Map<Long, String> lastOfDomain = new TreeMap<>();

    Gtids(String text) {
        for (String gtid : text.isEmpty() ? List.<String>of() : List.of(text.split(",", -1))) {
            add(gtid);
        }
    }

    void add(String gtid) {
        lastOfDomain.put(Long.parseLong(gtid.substring(0, gtid.indexOf('-'))), gtid);
    }

    @Override
    public String toString() {
        return String.join(",", lastOfDomain.values());
    }
}

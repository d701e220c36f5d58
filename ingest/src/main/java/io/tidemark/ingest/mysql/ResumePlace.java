package io.tidemark.ingest.mysql;

import io.tidemark.model.Json;
import io.tidemark.mysql.BinlogPlace;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Where reading the binary log goes on: behind a transaction.
 *
 * @param place in the log of the server that was read
 * @param gtids the last GTID of each domain before the place, separated by commas; empty text if reading goes on by place
 * @param server which server that is; empty text if the GTIDs tell
 */
record ResumePlace(BinlogPlace place, String gtids, String server) {
    ResumePlace {
        server = Objects.requireNonNullElse(server, "");
    }

    static ResumePlace parse(String json) {
        return Json.read(json.getBytes(StandardCharsets.UTF_8), ResumePlace.class, "a place to resume at");
    }

    @Override
    public String toString() {
        return Json.text(this);
    }
}

package io.tidemark.ingest.mariadb;

import io.tidemark.mariadb.BinlogPlace;
import io.tidemark.model.Json;
import java.nio.charset.StandardCharsets;

/**
 * Where reading the binary log goes on: behind a transaction.
 *
 * @param place in the log of the server that was read
 * @param gtids the last GTID of each domain before the place, separated by commas
 */
record ResumePlace(BinlogPlace place, String gtids) {
    static ResumePlace parse(String json) {
        return Json.read(json.getBytes(StandardCharsets.UTF_8), ResumePlace.class, "a place to resume at");
    }

    @Override
    public String toString() {
        return Json.text(this);
    }
}

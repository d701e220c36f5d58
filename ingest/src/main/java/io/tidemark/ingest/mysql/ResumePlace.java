package io.tidemark.ingest.mysql;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.tidemark.model.Json;
import io.tidemark.mysql.BinlogPlace;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where reading the binary log goes on: behind a transaction.
 *
 * @param place in the log of the server that was read
 * @param gtids the last GTID of each domain before the place, separated by commas; empty text if reading goes on by place
 * @param server which server that is; empty text if the GTIDs tell
 * @param prepared transactions in two steps that are prepared before the place and not decided
 */
record ResumePlace(
        BinlogPlace place,
        String gtids,
        @JsonSetter(nulls = Nulls.AS_EMPTY) String server,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonSetter(nulls = Nulls.AS_EMPTY)
        List<PreparedTransaction.Kept> prepared) {
    static final ResumePlace NOWHERE = new ResumePlace(BinlogPlace.NOWHERE, "", "");

    ResumePlace {
        prepared = List.copyOf(prepared);
    }

    ResumePlace(BinlogPlace place, String gtids, String server) {
        this(place, gtids, server, List.of());
    }

    static ResumePlace parse(String json) {
        return Json.read(json.getBytes(StandardCharsets.UTF_8), ResumePlace.class, "a place to resume at");
    }

    @Override
    public String toString() {
        return Json.text(this);
    }
}

package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.mysql.BinlogPlace;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResumePlaceTest {
    private static final ResumePlace PLACE = new ResumePlace(new BinlogPlace("binlog.000002", 42), "0-1-7", "");

    @Test
    void isWhatWasWrittenWithTransactionsThatAreNotDecided() {
        ResumePlace place = new ResumePlace(
                new BinlogPlace("binlog.000003", 4),
                "0-1-9",
                "server",
                List.of(
                        new PreparedTransaction.Kept("x'61',x'',1", Optional.of(PLACE)),
                        new PreparedTransaction.Kept("x'62',x'',1", Optional.empty())));

        assertThat(ResumePlace.parse(place.toString())).isEqualTo(place);
    }

    @Test
    void saysNothingOfTransactionsIfThereAreNone() {
        assertThat(PLACE.toString()).doesNotContain("prepared");
        assertThat(ResumePlace.parse(PLACE.toString())).isEqualTo(PLACE);
    }

    @Test
    void readsWhatWasWrittenBeforeServersWereTold() {
        String old = PLACE.toString().replaceFirst(",\"server\":\"\"", "");

        assertThat(old).doesNotContain("server");
        assertThat(ResumePlace.parse(old)).isEqualTo(PLACE);
    }
}

package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import io.tidemark.mysql.BinlogPlace;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreparedTransactionsTest {
    private static final ResumePlace BEGIN = new ResumePlace(new BinlogPlace("binlog.000002", 42), "", "server");

    private final PreparedTransactions prepared = new PreparedTransactions(List.of(), 1_000);

    private static Event rows(long bytes) {
        EventHeaderV4 header = new EventHeaderV4();
        header.setEventType(EventType.EXT_WRITE_ROWS);
        header.setEventLength(bytes);
        return new Event(header, (EventData) null);
    }

    private void prepare(String id, long... bytes) {
        prepared.start(BEGIN);
        for (long length : bytes) {
            prepared.take(rows(length), true);
        }
        prepared.prepare(id);
    }

    private Optional<List<Event>> commit(String id) {
        assertThat(prepared.commit(id)).isTrue();
        return prepared.end().orElseThrow().events();
    }

    @Test
    void keepsWhatMattersUntilItIsCommitted() {
        prepared.start(BEGIN);
        prepared.take(rows(10), false);
        prepared.take(rows(20), true);
        prepared.take(rows(30), false);
        prepared.prepare("a");

        assertThat(prepared.isReading()).isFalse();
        assertThat(commit("a").orElseThrow()).hasSize(2);
        assertThat(prepared.commit("a")).isFalse();
    }

    @Test
    void keepsNothingOfOneThatIsTooLargeAndAllOfTheOthers() {
        prepare("small", 100, 100);
        prepare("large", 300, 300, 300);
        prepare("next", 700);

        assertThat(commit("large")).isEmpty();
        assertThat(commit("small").orElseThrow()).hasSize(2);
        assertThat(commit("next").orElseThrow()).hasSize(1);
    }

    @Test
    void hasRoomAgainForWhatWasDecided() {
        prepare("a", 900);
        prepare("b", 200);
        assertThat(commit("b")).isEmpty();
        prepared.rollBack("a");
        prepare("b", 900);
        prepare("b", 1_000);

        assertThat(commit("b")).isEmpty();
        prepare("c", 1_000);
        assertThat(commit("c")).isPresent();
    }

    @Test
    void tellsWhatOutlivesARestart() {
        prepare("ours", 10);
        prepare("elsewhere");

        assertThat(prepared.elsewhere()).containsExactly("elsewhere");
        PreparedTransactions later = new PreparedTransactions(prepared.undecided(), 1_000);
        assertThat(later.elsewhere()).containsExactly("elsewhere");
        assertThat(later.commit("ours")).isTrue();
        PreparedTransaction ours = later.end().orElseThrow();
        assertThat(ours.isConcerned()).isTrue();
        assertThat(ours.begin()).isEqualTo(BEGIN);
        assertThat(ours.events()).isEmpty();
    }
}

package io.tidemark.ingest.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.ingest.Folded;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.ingest.Transcript;
import io.tidemark.ingest.Transcript.Change;
import io.tidemark.ingest.Transcript.Transaction;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Op;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.testbed.sql.SqlProduct;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the decoder makes of binary logs that servers of MariaDB and MySQL wrote. */
class BinlogDecoderTest {
    private static final long MOST_PREPARED_BYTES = 1 << 20;

    private static CollectionName table(String name) {
        return new CollectionName(RecordedLog.DATABASE, name);
    }

    private static BinlogDecoder decoder(
            SqlProduct product, RecordedLog recorded, SourceSchema schema, Transcript transcript, ResumePoint point) {
        StreamTables tables = recorded.tables(product, schema, transcript, asked -> {
            throw new AssertionError("no statement of this workload is about the tables under backup");
        });
        return new BinlogDecoder(transcript, tables, point, MOST_PREPARED_BYTES);
    }

    private static Transcript decode(SqlProduct product, RecordedLog recorded, ResumePoint point) throws IOException {
        Transcript transcript = new Transcript();
        BinlogDecoder decoder = decoder(product, recorded, recorded.schema(), transcript, point);
        recorded.events().forEach(decoder::decode);
        return transcript;
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void theChangesLeadToTheRowsThatTheServerHas(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, RecordedLog.Workload.ROWS);
        Folded folded = new Folded();

        decode(product, recorded, RecordedLog.beginning()).changes().forEach(folded::apply);

        recorded.rows()
                .forEach((table, rows) -> assertThat(folded.values(table).stream()
                                .map(RecordedLog::escaped)
                                .sorted()
                                .toList())
                        .as("%s", table)
                        .isEqualTo(rows));
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void aChangedKeyIsADeletionAndAnUpdate(SqlProduct product) throws IOException {
        List<Change> changes = decode(
                        product, RecordedLog.load(product, RecordedLog.Workload.ROWS), RecordedLog.beginning())
                .changes()
                .stream()
                .filter(change -> change.collection().equals(table("keyed")))
                .toList();
        int deleted = changes.stream().map(Change::op).toList().indexOf(Op.DELETE);

        assertThat(changes.get(deleted).before()).startsWith("1", "uno");
        assertThat(changes.get(deleted + 1).op()).isEqualTo(Op.UPDATE);
        assertThat(changes.get(deleted + 1).after()).startsWith("10", "uno");
    }

    /** What is prepared counts where it is committed, behind what was committed meanwhile. */
    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void whatIsPreparedCountsWhereItIsCommitted(SqlProduct product) throws IOException {
        List<String> names = decode(
                        product, RecordedLog.load(product, RecordedLog.Workload.ROWS), RecordedLog.beginning())
                .changes()
                .stream()
                .filter(change -> change.collection().equals(table("keyed")))
                .map(change -> change.after().isEmpty() ? "" : change.after().get(1))
                .toList();

        assertThat(names.indexOf("in two steps")).isGreaterThan(names.indexOf("between"));
        assertThat(names).contains("between").doesNotContain("rolled back", "never", "not");
    }

    /** Wherever the change log ends, what follows is exactly the rest. */
    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void decodingGoesOnAtEveryPlaceOfEveryTransaction(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, RecordedLog.Workload.ROWS);
        List<Transaction> all =
                decode(product, recorded, RecordedLog.beginning()).transactions();
        String resume = RecordedLog.beginning().resume();
        for (int i = 0; i < all.size(); i++) {
            Transaction transaction = all.get(i);
            for (int done = 0; done <= transaction.changes().size(); done++) {
                List<Change> rest = new ArrayList<>(transaction
                        .changes()
                        .subList(done, transaction.changes().size()));
                all.subList(i + 1, all.size()).forEach(later -> rest.addAll(later.changes()));
                ResumePoint point = new ResumePoint(0, transaction.coordinate(), resume, done, false);

                assertThat(decode(product, recorded, point).changes())
                        .as("after %d changes of transaction %d", done, i)
                        .isEqualTo(rest);
            }
            ResumePoint point = new ResumePoint(
                    0, transaction.coordinate(), resume, transaction.changes().size(), true);
            assertThat(decode(product, recorded, point).transactions())
                    .extracting(Transaction::coordinate)
                    .as("after transaction %d", i)
                    .isEqualTo(all.subList(i + 1, all.size()).stream()
                            .map(Transaction::coordinate)
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource(SqlProduct.class)
    void rowsOfATableThatNoStatementMadeEndTheStream(SqlProduct product) throws IOException {
        RecordedLog recorded = RecordedLog.load(product, RecordedLog.Workload.ROWS);
        SourceSchema without = new SourceSchema(
                recorded.schema().engine(),
                recorded.schema().version(),
                recorded.schema().statements(),
                recorded.schema().collections().stream()
                        .filter(rows -> !rows.collection().equals(table("bag")))
                        .toList());
        BinlogDecoder decoder = decoder(product, recorded, without, new Transcript(), RecordedLog.beginning());
        List<Event> events = recorded.events();

        assertThatThrownBy(() -> events.forEach(decoder::decode))
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        e -> assertThat(e.kind()).isEqualTo(TidemarkException.Kind.STREAM_LOST))
                .hasMessageContaining("rows of the table bag, which no statement of the schema made");
    }
}

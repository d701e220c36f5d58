package io.tidemark.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.ingest.Folded;
import io.tidemark.ingest.ResumePoint;
import io.tidemark.ingest.Transcript;
import io.tidemark.ingest.Transcript.Change;
import io.tidemark.ingest.Transcript.Transaction;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Op;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.PostgresConnections;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the decoder makes of messages that a server sent. */
class PgOutputDecoderTest {
    private static final RecordedStream RECORDED = RecordedStream.load();
    private static final ServerIdentity SERVER = new ServerIdentity("7000000000000000000", 1);
    private static final String BEFORE_ALL = "0/1";
    private static final CollectionName KEYED = new CollectionName("public", "keyed");

    private static PgOutputDecoder decoder(Transcript transcript, SourceSchema schema, ResumePoint point) {
        // Nothing asks the server: the messages tell all.
        PostgresConnections nowhere =
                new PostgresConnections("test", "postgresql://127.0.0.1:1/none", Optional.empty());
        return new PgOutputDecoder(
                transcript,
                new StreamRelations(nowhere, RecordedStream.NAMES, transcript, schema, true),
                new Messages("recorded"),
                SERVER,
                point);
    }

    private static ResumePoint from(String coordinate, long changes, boolean complete) {
        return new ResumePoint(
                0, coordinate, coordinate + "@" + SERVER.system() + "." + SERVER.timeline(), changes, complete);
    }

    private static PgOutputDecoder fromTheStart(Transcript transcript) {
        return decoder(transcript, RECORDED.schema(), from(BEFORE_ALL, 0, true));
    }

    private static Transcript decode(SourceSchema schema, ResumePoint point) {
        Transcript transcript = new Transcript();
        PgOutputDecoder decoder = decoder(transcript, schema, point);
        RECORDED.messages().forEach(message -> decoder.decode(ByteBuffer.wrap(message)));
        return transcript;
    }

    private static Transcript decodeAll() {
        return decode(RECORDED.schema(), from(BEFORE_ALL, 0, true));
    }

    @Test
    void theChangesLeadToTheRowsThatTheServerHas() {
        Folded folded = new Folded();
        decodeAll().changes().stream()
                .filter(change -> !change.collection().isSystem())
                .forEach(folded::apply);

        RECORDED.rows()
                .forEach((table, rows) -> assertThat(folded.rows(table).stream()
                                .map(row -> table.equals(KEYED) && row.split("\t", -1).length == 3 ? row + "\t5" : row)
                                .sorted()
                                .toList())
                        .as("%s", table)
                        .isEqualTo(rows));
        assertThat(folded.rows(new CollectionName("public", "also"))).isEmpty();
    }

    @Test
    void placesAndOwnMessagesAreTold() {
        Transcript transcript = decodeAll();

        assertThat(transcript.notes())
                .contains("heartbeat", "seal seal-1")
                .noneMatch(note -> note.contains("outside"))
                .anyMatch(note -> note.contains("public.keyed[id, label, big, n]"))
                .anyMatch(note -> note.contains("public.made[id, t]"));
        assertThat(transcript.transactions())
                .extracting(Transaction::coordinate)
                .doesNotHaveDuplicates();
        assertThat(transcript.changes())
                .filteredOn(change -> change.collection().equals(CollectionName.SEQUENCES))
                .extracting(Change::after)
                .containsExactly(List.of("public.s", "7", "t"));
    }

    @Test
    void aChangedKeyTakesTheLargeValueAlongThatIsNotSent() {
        List<Change> changes = decodeAll().changes().stream()
                .filter(change -> change.collection().equals(KEYED))
                .toList();
        Change moved = changes.stream()
                .filter(change -> !change.movedFrom().isEmpty())
                .findFirst()
                .orElseThrow();

        assertThat(moved.op()).isEqualTo(Op.PATCH);
        assertThat(moved.after()).containsExactly("10", "uno", Transcript.UNCHANGED);
        Change deleted = changes.get(changes.indexOf(moved) - 1);
        assertThat(deleted.op()).isEqualTo(Op.DELETE);
        assertThat(deleted.key()).isEqualTo(moved.movedFrom());
    }

    @Test
    void aTableThatIsRewrittenIsReplacedByItsRows() {
        List<Change> changes = decodeAll().changes().stream()
                .filter(change -> change.collection().equals(new CollectionName("public", "whole")))
                .toList();
        int truncated = changes.stream().map(Change::op).toList().indexOf(Op.TRUNCATE);

        assertThat(changes.get(truncated + 1).op()).isEqualTo(Op.READ);
        assertThat(changes.get(truncated + 1).after()).startsWith("11", "changed");
    }

    /** Wherever the change log ends, what follows is exactly the rest. */
    @Test
    void decodingGoesOnAtEveryPlaceOfEveryTransaction() {
        List<Transaction> all = decodeAll().transactions();
        for (int i = 0; i < all.size(); i++) {
            Transaction transaction = all.get(i);
            SourceSchema before =
                    i == 0 ? RECORDED.schema() : all.get(i - 1).schema().orElse(RECORDED.schema());
            for (int done = 0; done <= transaction.changes().size(); done++) {
                List<Change> rest = new ArrayList<>(transaction
                        .changes()
                        .subList(done, transaction.changes().size()));
                all.subList(i + 1, all.size()).forEach(later -> rest.addAll(later.changes()));

                assertThat(decode(before, from(transaction.coordinate(), done, false))
                                .changes())
                        .as("after %d changes of transaction %d", done, i)
                        .isEqualTo(rest);
            }
            SourceSchema after = transaction.schema().orElse(RECORDED.schema());
            Transcript rest = decode(
                    after, from(transaction.coordinate(), transaction.changes().size(), true));
            assertThat(rest.transactions())
                    .extracting(Transaction::coordinate)
                    .as("after transaction %d", i)
                    .isEqualTo(all.subList(i + 1, all.size()).stream()
                            .map(Transaction::coordinate)
                            .toList());
        }
    }

    @Test
    void whatIsNotKnownIsRefused() {
        PgOutputDecoder decoder = fromTheStart(new Transcript());

        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(new byte[] {'Z'})))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("unknown pgoutput message 'Z'");
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(new byte[] {'I', 0, 0, 0, 99, 'N', 0, 0})))
                .hasMessageContaining("a row of relation 99 without describing it");
    }

    @Test
    void aTupleOfAnotherShapeIsRefused() {
        PgOutputDecoder decoder = fromTheStart(new Transcript());
        List<byte[]> messages = RECORDED.messages();
        int insert = 0;
        while (messages.get(insert)[0] != 'I') {
            decoder.decode(ByteBuffer.wrap(messages.get(insert++)));
        }
        byte[] fewer = messages.get(insert).clone();
        fewer[7]--;
        byte[] unknown = messages.get(insert).clone();
        unknown[8] = 'q';

        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(fewer))).hasMessageContaining("2 columns, 3 expected");
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(unknown))).hasMessageContaining("unknown kind 'q'");
    }

    private static byte[] message(String prefix, String content) {
        byte[] name = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] text = content.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + 1 + 8 + name.length + 1 + 4 + text.length)
                .put((byte) 'M')
                .put((byte) 1)
                .putLong(0)
                .put(name)
                .put((byte) 0)
                .putInt(text.length)
                .put(text)
                .array();
    }

    @Test
    void aBrokenCaptureEndsTheStreamWithItsReason() {
        PgOutputDecoder decoder = fromTheStart(new Transcript());
        decoder.decode(ByteBuffer.wrap(RECORDED.messages().get(0)));

        assertThatThrownBy(() ->
                        decoder.decode(ByteBuffer.wrap(message("tidemark.broken.recorded", "the trigger failed"))))
                .isInstanceOfSatisfying(
                        TidemarkException.class,
                        e -> assertThat(e.kind()).isEqualTo(TidemarkException.Kind.STREAM_LOST))
                .hasMessageContaining("the trigger failed");
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(message("tidemark.row.recorded", "(1)"))))
                .hasMessageContaining("without saying of which table");
        decoder.decode(ByteBuffer.wrap(message("tidemark.broken.another", "not ours")));
    }

    /** A table that nothing told of, and whose rows are published. */
    @Test
    void rowsOfATableThatTheLogDoesNotKnowEndTheStream() {
        List<byte[]> withoutSchema = RECORDED.messages().stream()
                .filter(message -> message[0] != 'M')
                .toList();
        PgOutputDecoder decoder = fromTheStart(new Transcript());

        assertThatThrownBy(() -> withoutSchema.forEach(message -> decoder.decode(ByteBuffer.wrap(message))))
                .isInstanceOf(TidemarkException.class);
    }
}

package io.tidemark.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;

/** The hand-made codec of change batches speaks exactly the published Avro schema. */
class ChangeBatchTest {
    record Change(Op op, int schema, byte[] key, List<byte[]> optional) {}

    @Provide
    Arbitrary<List<Change>> changes() {
        Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
        Arbitrary<List<byte[]>> optional = bytes.injectNull(0.4).list().ofSize(3);
        return Combinators.combine(
                        Arbitraries.of(Op.values()), Arbitraries.integers().between(0, 1 << 30), bytes, optional)
                .as(Change::new)
                .list()
                .ofMaxSize(30);
    }

    @Property(tries = 200)
    void avroReadsWhatTheBuilderWritesAndSoDoesTheReader(
            @ForAll("changes") List<Change> changes, @ForAll String text, @ForAll long number, @ForAll boolean last)
            throws Exception {
        BatchBuilder builder = new BatchBuilder(77);
        changes.forEach(c -> builder.add(
                c.op(),
                c.schema(),
                sink(c.key()),
                sink(c.optional().get(0)),
                sink(c.optional().get(1)),
                sink(c.optional().get(2))));
        BatchHeader header = new BatchHeader(
                3, BatchHeader.Kind.TRANSACTION, text, "0/1", "0/2", number, 5, last, changes.size(), text);

        byte[] record = builder.build(header);

        assertThat(ConfluentFrame.schemaId(record)).isEqualTo(77);
        GenericRecord avro = new GenericDatumReader<GenericRecord>(ChangeBatchSchema.load())
                .read(null, DecoderFactory.get().binaryDecoder(record, 5, record.length - 5, null));
        assertThat(avro.get("committedAt")).isEqualTo(number);
        assertThat((List<?>) avro.get("changes")).hasSize(changes.size());
        BatchReader reader = new BatchReader();
        assertThat(reader.open(record).count()).isEqualTo(changes.size());
        assertThat(BatchReader.header(record).last()).isEqualTo(last);
        int i = 0;
        for (Object item : (List<?>) avro.get("changes")) {
            GenericRecord expected = (GenericRecord) item;
            Change change = changes.get(i++);
            assertThat(reader.next()).isTrue();
            assertThat(reader.op()).isEqualTo(change.op());
            assertThat(expected.get("op")).hasToString(change.op().name());
            assertThat(bytes(reader, reader.key())).isEqualTo(change.key());
            assertThat(bytes(reader, reader.movedFrom()))
                    .isEqualTo(change.optional().get(0));
            assertThat(bytes(reader, reader.before()))
                    .isEqualTo(change.optional().get(1));
            assertThat(bytes(reader, reader.after()))
                    .isEqualTo(change.optional().get(2));
            assertThat(array((ByteBuffer) expected.get("after")))
                    .isEqualTo(change.optional().get(2));
        }
        assertThat(reader.next()).isFalse();
    }

    @org.junit.jupiter.api.Test
    void aBatchLargerThanARecordIsSplitAndJoined() {
        byte[] batch = new byte[3 * Fragments.MAX_RECORD_BYTES + 1];
        new java.util.Random(1).nextBytes(batch);
        FragmentJoiner joiner = new FragmentJoiner();
        List<byte[]> joined = new ArrayList<>();

        List<Fragments.Fragment> fragments = Fragments.split(batch);
        // A reader that starts in the middle drops the tail it cannot complete.
        for (Fragments.Fragment fragment : fragments.subList(2, 4)) {
            joiner.offer(fragment.value(), headers(fragment)).ifPresent(joined::add);
        }
        assertThat(joined).isEmpty();
        for (Fragments.Fragment fragment : fragments) {
            assertThat(fragment.value().length).isLessThanOrEqualTo(Fragments.MAX_RECORD_BYTES);
            joiner.offer(fragment.value(), headers(fragment)).ifPresent(joined::add);
        }

        assertThat(fragments).hasSize(4);
        assertThat(joined).containsExactly(batch);
    }

    private static org.apache.kafka.common.header.Headers headers(Fragments.Fragment fragment) {
        return new org.apache.kafka.common.header.internals.RecordHeaders(fragment.headers());
    }

    private static @org.jspecify.annotations.Nullable ByteSink sink(byte @org.jspecify.annotations.Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        ByteSink sink = new ByteSink(0);
        sink.write(bytes);
        return sink;
    }

    private static byte @org.jspecify.annotations.Nullable [] bytes(BatchReader reader, BatchReader.Span span) {
        return span.isPresent()
                ? java.util.Arrays.copyOfRange(reader.array(), span.start(), span.start() + span.length())
                : null;
    }

    private static byte @org.jspecify.annotations.Nullable [] array(
            @org.jspecify.annotations.Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}

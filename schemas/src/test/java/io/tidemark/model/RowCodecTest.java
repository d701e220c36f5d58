package io.tidemark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Test;

/** Rows are what any Avro reader reads, and text comes back as it went in. */
class RowCodecTest {
    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            new CollectionName("Odd Näme", "täble"),
            List.of(
                    new Column(1, "id", "bigint", Encoding.LONG),
                    new Column(2, "sélect", "integer", Encoding.INT),
                    new Column(3, "s_lect", "boolean", Encoding.BOOLEAN),
                    new Column(4, "raw", "bytea", Encoding.BYTES),
                    new Column(5, "text", "numeric", Encoding.TEXT)),
            List.of(0));

    @Test
    void aRowSchemaSurvivesAvro() {
        assertThat(RowSchema.fromAvro(SCHEMA.toAvro())).isEqualTo(SCHEMA);
    }

    @Property(tries = 300)
    void textComesBackAsItWentIn(
            @ForAll long id, @ForAll int number, @ForAll boolean flag, @ForAll byte[] raw, @ForAll String text)
            throws Exception {
        String hex = "\\x" + java.util.HexFormat.of().formatHex(raw);
        List<String> values = List.of(Long.toString(id), Integer.toString(number), flag ? "t" : "f", hex, text);
        RowCodec codec = new RowCodec(SCHEMA);
        ByteSink row = new ByteSink(16);
        for (int i = 0; i < values.size(); i++) {
            byte[] bytes = values.get(i).getBytes(StandardCharsets.UTF_8);
            codec.writeText(i, bytes, 0, bytes.length, row);
        }

        GenericRecord avro = new GenericDatumReader<GenericRecord>(SCHEMA.toAvro())
                .read(null, DecoderFactory.get().binaryDecoder(row.toByteArray(), null));
        assertThat(avro.get(0)).isEqualTo(id);
        assertThat(avro.get(1)).isEqualTo(number);
        ByteCursor cursor = new ByteCursor();
        cursor.reset(row.array(), 0, row.length());
        for (int i = 0; i < values.size(); i++) {
            ByteSink out = new ByteSink(16);
            assertThat(cursor.readByte()).isEqualTo(RowCodec.VALUE);
            codec.readText(i, cursor, out);
            assertThat(out.toByteArray()).isEqualTo(values.get(i).getBytes(StandardCharsets.UTF_8));
        }
        assertThat(cursor.hasRemaining()).isFalse();
    }

    @Test
    void equalRowsWithoutAKeyHaveEqualKeys() {
        RowSchema multiset =
                new RowSchema("t", SCHEMA.collection(), SCHEMA.columns().subList(0, 1), List.of());
        ByteSink row = new ByteSink(16);
        new RowCodec(multiset).writeText(0, new byte[] {'4', '2'}, 0, 2, row);
        ByteSink a = new ByteSink(0);
        ByteSink b = new ByteSink(0);

        new RowKey(multiset).of(row.array(), 0, row.length(), a);
        new RowKey(multiset).of(row.array(), 0, row.length(), b);

        assertThat(a.length()).isEqualTo(32);
        assertThat(a.toByteArray()).isEqualTo(b.toByteArray());
    }

    @Test
    void truncatedDataIsToldAsSuch() {
        ByteCursor cursor = new ByteCursor();
        cursor.reset(new byte[] {2, 20, 1}, 0, 3);

        assertThatThrownBy(() -> new RowCodec(new RowSchema(
                                "t",
                                SCHEMA.collection(),
                                List.of(new Column(1, "t", "text", Encoding.TEXT)),
                                List.of()))
                        .skipRow(cursor))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("ends in the middle");
    }

    @Test
    void positionsAreParsedStrictly() {
        assertThat(Position.parse("2:17")).isEqualTo(new Position(2, 17));
        assertThatThrownBy(() -> Position.parse("17")).hasMessageContaining("EPOCH:OFFSET");
    }
}

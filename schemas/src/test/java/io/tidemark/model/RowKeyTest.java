package io.tidemark.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsFirst;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** The bytes of keys are in the order of their values, and tell them. */
class RowKeyTest {
    private static final RowSchema SCHEMA = new RowSchema(
            "t",
            new CollectionName("public", "t"),
            List.of(
                    new Column(1, "text", "text", Encoding.TEXT),
                    new Column(2, "bytes", "bytea", Encoding.BYTES),
                    new Column(3, "flag", "boolean", Encoding.BOOLEAN),
                    new Column(4, "number", "bigint", Encoding.LONG)),
            List.of(2, 0, 3, 1));

    record Row(
            @Nullable String text,
            byte @Nullable [] bytes,
            @Nullable Boolean flag,
            @Nullable Long number) {
        static final Comparator<Row> ORDER = comparing(Row::flag, nullsFirst(naturalOrder()))
                .thenComparing(
                        row -> row.text() == null ? null : row.text().getBytes(UTF_8),
                        nullsFirst(Arrays::compareUnsigned))
                .thenComparing(Row::number, nullsFirst(naturalOrder()))
                .thenComparing(Row::bytes, nullsFirst(Arrays::compareUnsigned));

        private @Nullable String value(int column) {
            return switch (column) {
                case 0 -> text;
                case 1 -> bytes == null ? null : "\\x" + HexFormat.of().formatHex(bytes);
                case 2 -> flag == null ? null : flag ? "t" : "f";
                default -> number == null ? null : number.toString();
            };
        }

        /** The columns, in this order, as they stand in a row. */
        byte[] columns(List<Integer> order) {
            RowCodec codec = new RowCodec(SCHEMA);
            ByteSink row = new ByteSink(64);
            for (int column : order) {
                String value = value(column);
                if (value == null) {
                    row.writeByte(RowCodec.NULL);
                } else {
                    codec.writeText(column, value.getBytes(UTF_8), 0, value.getBytes(UTF_8).length, row);
                }
            }
            return row.toByteArray();
        }

        byte[] key() {
            byte[] row = columns(List.of(0, 1, 2, 3));
            ByteSink key = new ByteSink(0);
            new RowKey(SCHEMA).of(row, 0, row.length, key);
            return key.toByteArray();
        }
    }

    /** Few letters and short, so that one is often the beginning of another. */
    @Provide
    Arbitrary<Row> rows() {
        Arbitrary<String> text = Arbitraries.strings().withChars("\0\1aé\uffff").ofMaxLength(3);
        Arbitrary<byte[]> bytes = Arbitraries.of((byte) 0, (byte) 1, (byte) -1)
                .array(byte[].class)
                .ofMaxSize(3);
        return Combinators.combine(
                        text.injectNull(0.2),
                        bytes.injectNull(0.2),
                        Arbitraries.of(true, false).injectNull(0.2),
                        Arbitraries.longs().injectNull(0.2))
                .as(Row::new);
    }

    @Property(tries = 2000)
    void keysAreInTheOrderOfTheirValues(@ForAll("rows") Row a, @ForAll("rows") Row b) {
        assertThat(Integer.signum(Arrays.compareUnsigned(a.key(), b.key())))
                .isEqualTo(Integer.signum(Row.ORDER.compare(a, b)));
    }

    @Property(tries = 2000)
    void numbersAreInTheirOrder(@ForAll long a, @ForAll long b) {
        assertThat(Integer.signum(
                        Arrays.compareUnsigned(new Row("", null, true, a).key(), new Row("", null, true, b).key())))
                .isEqualTo(Long.compare(a, b));
    }

    @Property(tries = 1000)
    void aKeyTellsItsValues(@ForAll("rows") Row row) {
        ByteSink avro = new ByteSink(0);
        byte[] key = row.key();

        new RowKey(SCHEMA).toAvro(key, 0, key.length, avro);

        assertThat(avro.toByteArray()).isEqualTo(row.columns(SCHEMA.key()));
    }
}

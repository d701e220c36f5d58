package io.tidemark.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rows of one schema become rows of a later one by the ids of their columns. */
class RowProjectionTest {
    private static final RowSchema OLD = schema(
            new Column(1, "id", "int", Encoding.INT),
            new Column(2, "a", "text", Encoding.TEXT),
            new Column(3, "b", "text", Encoding.TEXT));

    private static RowSchema schema(Column... columns) {
        return new RowSchema("1", new CollectionName("public", "t"), List.of(columns), List.of(0));
    }

    private static ByteSink row(String a, String b) {
        ByteSink row = new ByteSink(32);
        row.writeByte(RowCodec.VALUE);
        row.writeLong(7);
        text(a, row);
        text(b, row);
        return row;
    }

    private static void text(String value, ByteSink row) {
        row.writeByte(RowCodec.VALUE);
        row.writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    private static ByteSink project(RowSchema to) {
        ByteSink from = row("first", "second");
        ByteSink target = new ByteSink(32);
        new RowProjection(OLD, to).apply(from.array(), 0, from.length(), target);
        return target;
    }

    @Test
    void namesMayBeSwappedAndColumnsGone() {
        RowSchema swapped = schema(
                new Column(1, "id", "int", Encoding.INT),
                new Column(2, "b", "text", Encoding.TEXT),
                new Column(3, "a", "text", Encoding.TEXT));
        assertThat(project(swapped).toByteArray())
                .isEqualTo(row("first", "second").toByteArray());

        ByteSink second = new ByteSink(32);
        text("second", second);
        assertThat(project(schema(new Column(3, "a", "text", Encoding.TEXT))).toByteArray())
                .isEqualTo(second.toByteArray());
    }

    @Test
    void newColumnsHaveTheValueOfRowsFromBeforeThem() {
        ByteSink expected = new ByteSink(32);
        expected.writeByte(RowCodec.VALUE);
        expected.writeLong(-42);
        expected.writeByte(RowCodec.NULL);

        assertThat(project(schema(
                                new Column(4, "c", "int", Encoding.INT, Optional.of("-42")),
                                new Column(5, "a", "text", Encoding.TEXT)))
                        .toByteArray())
                .isEqualTo(expected.toByteArray());
    }

    @Test
    void anotherEncodingIsRefusedWhenARowOfItIsRead() {
        RowSchema to = schema(new Column(1, "id", "text", Encoding.TEXT));

        assertThatThrownBy(() -> project(to))
                .isInstanceOf(TidemarkException.class)
                .hasMessageContaining("cannot be read as");
    }
}

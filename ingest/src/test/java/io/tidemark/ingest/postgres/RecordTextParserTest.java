package io.tidemark.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.ByteCursor;
import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Rows as the text of composite values, written as record_out does it, come back column by column. */
class RecordTextParserTest {
    @Property(tries = 500)
    void everyTextComesBack(
            @ForAll @Size(max = 8)
                    List<
                                    Optional<
                                            @Chars({'"', '\\', ',', '(', ')', ' ', 'a', '\n', 'é'})
                                            @CharRange(from = '!', to = '~') String>>
                            values) {
        byte[] text = recordOut(values).getBytes(StandardCharsets.UTF_8);

        assertThat(parse(text, values.size())).isEqualTo(values);
    }

    @Test
    void anotherNumberOfColumnsIsRefused() {
        byte[] text = "(1,2,3)".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> parse(text, 2)).isInstanceOf(TidemarkException.class);
    }

    /** See record_out in PostgreSQL's rowtypes.c. */
    private static String recordOut(List<Optional<String>> values) {
        return values.stream().map(RecordTextParserTest::field).collect(Collectors.joining(",", "(", ")"));
    }

    private static String field(Optional<String> value) {
        return value.map(text -> {
                    boolean quote = text.isEmpty() || text.chars().anyMatch(c -> "\"\\(), \n".indexOf(c) >= 0);
                    return quote ? '"' + text.replace("\\", "\\\\").replace("\"", "\"\"") + '"' : text;
                })
                .orElse("");
    }

    private static List<Optional<String>> parse(byte[] text, int count) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(new Column(i + 1, "c" + i, "text", Encoding.TEXT));
        }
        RowSchema schema = new RowSchema("1", new CollectionName("public", "t"), columns, List.of());
        ByteSink row = new ByteSink(16);
        new RecordTextParser(schema).parse(text, 0, text.length, row);
        RowCodec codec = new RowCodec(schema);
        ByteCursor cursor = new ByteCursor();
        cursor.reset(row.array(), 0, row.length());
        List<Optional<String>> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (cursor.readByte() == RowCodec.NULL) {
                values.add(Optional.empty());
            } else {
                ByteSink value = new ByteSink(16);
                codec.readText(i, cursor, value);
                values.add(Optional.of(new String(value.toByteArray(), StandardCharsets.UTF_8)));
            }
        }
        return values;
    }
}

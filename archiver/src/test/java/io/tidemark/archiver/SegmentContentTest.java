package io.tidemark.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ByteSink;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Column;
import io.tidemark.model.Encoding;
import io.tidemark.model.Op;
import io.tidemark.model.RowCodec;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.section.Footer;
import io.tidemark.wire.BatchBuilder;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Batches of the change log become a section file, whatever ids the registry gave their schemas. */
class SegmentContentTest {
    private static final RowSchema ROWS = new RowSchema(
            "1", new CollectionName("public", "t"), List.of(new Column(1, "id", "int", Encoding.INT)), List.of(0));

    /** A registry that gives the same schema any id. */
    private static final SchemaRegistry REGISTRY = new SchemaRegistry() {
        @Override
        public int register(String subject, Schema schema) {
            throw new UnsupportedOperationException(subject);
        }

        @Override
        public Schema schema(int id) {
            return ROWS.toAvro();
        }
    };

    private static byte[] insertion(int schemaId, long value) {
        ByteSink row = new ByteSink(16);
        row.writeByte(RowCodec.VALUE);
        row.writeLong(value);
        ByteSink key = new ByteSink(16);
        new RowKey(ROWS).of(row.array(), 0, row.length(), key);
        BatchBuilder batch = new BatchBuilder(1);
        batch.add(Op.INSERT, schemaId, key, null, null, row);
        return batch.build(new BatchHeader(
                0, BatchHeader.Kind.TRANSACTION, "x" + value, "0/" + value, "0/" + value, value, 0, true, 1, ""));
    }

    private static byte[] file(int... schemaIds) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, schemaIds);
        return out.toByteArray();
    }

    private static Footer write(ByteArrayOutputStream out, int... schemaIds) throws IOException {
        SegmentContent content = new SegmentContent(0, REGISTRY);
        for (int i = 0; i < schemaIds.length; i++) {
            content.add(i, insertion(schemaIds[i], i));
        }
        int count = schemaIds.length;
        Stretch stretch = new Stretch(
                0,
                -1,
                count - 1,
                100,
                count,
                count,
                OptionalLong.of(0),
                OptionalLong.of(count - 1),
                Optional.empty(),
                Optional.empty());
        return content.write("s", stretch, out);
    }

    @Test
    void changesOfASchemaThatHasTwoIdsAreAllThere() throws IOException {
        Footer footer = write(new ByteArrayOutputStream(), 7, 8, 7, 9);

        assertThat(footer.sections()).hasSize(1);
        assertThat(footer.sections().get(0).region().entries()).isEqualTo(4);
    }

    @Test
    void theBytesDoNotDependOnIds() throws IOException {
        assertThat(file(7, 8, 7)).isEqualTo(file(1, 1, 1));
    }
}

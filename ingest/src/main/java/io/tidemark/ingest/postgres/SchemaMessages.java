package io.tidemark.ingest.postgres;

import io.tidemark.ingest.ChangeSink;
import io.tidemark.model.ByteSink;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Follows what the capture in the server tells of schema changes and of tables that it read again. Not thread-safe. */
final class SchemaMessages {
    private final ChangeSink sink;
    private final StreamRelations relations;
    private final ByteSink nothing = new ByteSink(0);
    private Optional<Reading> reading = Optional.empty();

    private record Reading(RelationRows relation, RecordTextParser parser) {}

    SchemaMessages(ChangeSink sink, StreamRelations relations) {
        this.sink = sink;
        this.relations = relations;
    }

    /** The content is in place in a larger array. */
    void apply(Messages.Kind kind, byte[] array, int start, int length) {
        switch (kind) {
            case SHAPE -> relations.shape(rows(array, start, length));
            case REREAD -> {
                RelationRows relation = relations.shape(rows(array, start, length));
                reading = Optional.of(new Reading(relation, new RecordTextParser(relation.schema())));
                sink.change(Op.TRUNCATE, relation.schemaId(), nothing, null, null, null);
            }
            case ROW -> row(array, start, length);
            case SCHEMA -> sink.schema(SchemaReader.parse(Arrays.copyOfRange(array, start, start + length)));
            case BROKEN -> throw TidemarkException.streamLost(new String(array, start, length, StandardCharsets.UTF_8));
            case HEARTBEAT, SEAL -> throw new IllegalArgumentException(kind + " is not about the schema");
        }
    }

    private void row(byte[] array, int start, int length) {
        Reading open = reading.orElseThrow(
                () -> TidemarkException.corrupt("a row was told again without saying of which table"));
        open.parser().parse(array, start, length, open.relation().currentRow());
        sink.change(
                Op.READ,
                open.relation().schemaId(),
                open.relation().keyOf(open.relation().currentRow()),
                null,
                null,
                open.relation().currentRow());
    }

    private static RowSchema rows(byte[] array, int start, int length) {
        return Json.read(Arrays.copyOfRange(array, start, start + length), RowSchema.class, "a table's shape");
    }
}

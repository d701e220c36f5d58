package io.tidemark.repository.section;

import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;

/** The Avro schemas of what section files hold. */
public final class StoredChangeSchema {
    private static final String NAMESPACE = "io.tidemark.segment";
    private static final Schema TRANSACTION = Schema.createRecord(
            "TransactionEnd",
            "The end of a transaction of the source.",
            NAMESPACE,
            false,
            List.of(
                    new Schema.Field("offset", Schema.create(Schema.Type.LONG), "Of its last record in the log."),
                    new Schema.Field("committedAt", Schema.create(Schema.Type.LONG), "µs since 1970 UTC."),
                    new Schema.Field("id", Schema.create(Schema.Type.STRING), "The source's name of it."),
                    new Schema.Field(
                            "coordinate", Schema.create(Schema.Type.STRING), "The source's place of the commit.")));

    private StoredChangeSchema() {}

    /** The schema of a section's entries for rows of the given shape. */
    public static Schema of(RowSchema rows) {
        Schema row = rows.toAvro();
        Schema nothing = Schema.create(Schema.Type.NULL);
        Schema bytes = Schema.create(Schema.Type.BYTES);
        Schema op = Schema.createEnum(
                "Op", null, NAMESPACE, Arrays.stream(Op.values()).map(Op::name).toList());
        return Schema.createRecord(
                "StoredChange",
                null,
                NAMESPACE,
                false,
                List.of(
                        new Schema.Field("key", bytes),
                        new Schema.Field("offset", Schema.create(Schema.Type.LONG)),
                        new Schema.Field("index", Schema.create(Schema.Type.INT)),
                        new Schema.Field("op", op),
                        new Schema.Field("movedFrom", Schema.createUnion(nothing, bytes)),
                        new Schema.Field("before", Schema.createUnion(nothing, row)),
                        new Schema.Field("after", Schema.createUnion(nothing, row))));
    }

    /** The shape of the rows in a section whose entries have this schema. */
    public static RowSchema rows(Schema entries) {
        return RowSchema.fromAvro(entries.getField("after").schema().getTypes().get(1));
    }

    /** The schema of a section file's list of transactions. */
    public static Schema transaction() {
        return TRANSACTION;
    }
}

package io.tidemark.wire;

import io.tidemark.model.Op;
import io.tidemark.model.RowSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** The Avro schemas of audit topics: one key and one value schema for each row schema. */
public final class AuditSchema {
    private static final String NAMESPACE = "io.tidemark.audit";

    private AuditSchema() {}

    /** The key: the row's key columns, or the hash of the row where rows have no key. */
    public static Schema key(RowSchema rows) {
        List<Schema.Field> fields = new ArrayList<>();
        if (rows.isMultiset()) {
            fields.add(new Schema.Field("rowSha256", Schema.create(Schema.Type.BYTES)));
        } else {
            List<Schema.Field> columns = rows.toAvro().getFields();
            for (int column : rows.key()) {
                Schema.Field field = columns.get(column);
                fields.add(new Schema.Field(field, field.schema()));
            }
        }
        return Schema.createRecord("Key", null, NAMESPACE, false, fields);
    }

    /** The value: what happened, where in the log, in which transaction and when, with the row before and after. */
    public static Schema value(RowSchema rows) {
        Schema row = Schema.createUnion(Schema.create(Schema.Type.NULL), rows.toAvro());
        Schema text = Schema.create(Schema.Type.STRING);
        Schema op = Schema.createEnum(
                "Op", null, NAMESPACE, Arrays.stream(Op.values()).map(Op::name).toList());
        return Schema.createRecord(
                "Change",
                null,
                NAMESPACE,
                false,
                List.of(
                        new Schema.Field("op", op),
                        new Schema.Field("epoch", Schema.create(Schema.Type.INT)),
                        new Schema.Field("offset", Schema.create(Schema.Type.LONG)),
                        new Schema.Field("index", Schema.create(Schema.Type.INT)),
                        new Schema.Field("transaction", text),
                        new Schema.Field("coordinate", text),
                        new Schema.Field(
                                "committedAt",
                                LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG))),
                        new Schema.Field("before", row),
                        new Schema.Field("after", row)));
    }
}

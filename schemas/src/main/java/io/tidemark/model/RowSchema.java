package io.tidemark.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * The shape of a collection's rows at some place in the log. A row is Avro binary under {@link #toAvro()}: for each
 * column a union of null, the value, and {@code unchanged}, the marker of an update that left the column out.
 *
 * @param id what the collection keeps when it is renamed; another collection of the same name has another
 * @param collection whose rows they are
 * @param columns in the source's order; generated columns are not among them
 * @param key indexes of the columns that identify a row; empty where nothing does, then rows are a multiset
 */
public record RowSchema(String id, CollectionName collection, List<Column> columns, List<Integer> key) {
    private static final String NAMESPACE = "io.tidemark.rows";
    private static final String COLLECTION_NAMESPACE = "tidemark.namespace";
    private static final String COLLECTION_NAME = "tidemark.name";
    private static final String ID = "tidemark.id";
    private static final String KEY = "tidemark.key";
    private static final String MISSING = "tidemark.missing";
    private static final String COLUMN = "tidemark.column";
    private static final String TYPE = "tidemark.type";

    public RowSchema {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
        for (int index : key) {
            if (index < 0 || index >= columns.size()) {
                throw new IllegalArgumentException("key column " + index + " of " + collection + " does not exist");
            }
        }
    }

    /** Whether rows have no key and equal rows are counted. */
    @JsonIgnore
    public boolean isMultiset() {
        return key.isEmpty();
    }

    /** The index of the column with this id, or -1. */
    public int indexOf(int columnId) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).id() == columnId) {
                return i;
            }
        }
        return -1;
    }

    /** The Avro record schema; {@link #fromAvro} is its inverse. */
    public Schema toAvro() {
        Schema unchanged = Schema.createRecord("Unchanged", null, NAMESPACE, false, List.of());
        List<Schema.Field> fields = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Column column : columns) {
            Schema union = Schema.createUnion(
                    Schema.create(Schema.Type.NULL), Schema.create(avroType(column.encoding())), unchanged);
            Schema.Field field = new Schema.Field(
                    uniqueAvroName(column.name(), taken), union, null, Schema.Field.NULL_DEFAULT_VALUE);
            field.addProp(ID, column.id());
            field.addProp(COLUMN, column.name());
            field.addProp(TYPE, column.type());
            column.missing().ifPresent(text -> field.addProp(MISSING, text));
            fields.add(field);
        }
        String name = avroName(collection.namespace()) + "_" + avroName(collection.name());
        Schema schema = Schema.createRecord(name, null, NAMESPACE, false, fields);
        schema.addProp(ID, id);
        schema.addProp(COLLECTION_NAMESPACE, collection.namespace());
        schema.addProp(COLLECTION_NAME, collection.name());
        schema.addProp(KEY, key);
        return schema;
    }

    /** Reads a schema that {@link #toAvro()} made. */
    public static RowSchema fromAvro(Schema schema) {
        List<Column> columns = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            columns.add(new Column(
                    ((Number) field.getObjectProp(ID)).intValue(),
                    field.getProp(COLUMN),
                    field.getProp(TYPE),
                    encoding(field.schema().getTypes().get(1).getType()),
                    Optional.ofNullable(field.getProp(MISSING))));
        }
        List<Integer> key = new ArrayList<>();
        for (Object index : (List<?>) schema.getObjectProp(KEY)) {
            key.add(((Number) index).intValue());
        }
        return new RowSchema(
                schema.getProp(ID),
                new CollectionName(schema.getProp(COLLECTION_NAMESPACE), schema.getProp(COLLECTION_NAME)),
                columns,
                key);
    }

    private static Schema.Type avroType(Encoding encoding) {
        return switch (encoding) {
            case INT -> Schema.Type.INT;
            case LONG -> Schema.Type.LONG;
            case BOOLEAN -> Schema.Type.BOOLEAN;
            case BYTES -> Schema.Type.BYTES;
            case TEXT -> Schema.Type.STRING;
        };
    }

    private static Encoding encoding(Schema.Type type) {
        return switch (type) {
            case INT -> Encoding.INT;
            case LONG -> Encoding.LONG;
            case BOOLEAN -> Encoding.BOOLEAN;
            case BYTES -> Encoding.BYTES;
            case STRING -> Encoding.TEXT;
            default -> throw TidemarkException.corrupt("a row schema holds the unexpected Avro type " + type);
        };
    }

    private static String uniqueAvroName(String name, Set<String> taken) {
        String base = avroName(name);
        String candidate = base;
        for (int i = 2; !taken.add(candidate); i++) {
            candidate = base + "_" + i;
        }
        return candidate;
    }

    private static String avroName(String name) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
            boolean digit = c >= '0' && c <= '9' && i > 0;
            result.append(letter || digit ? c : '_');
        }
        return result.isEmpty() ? "_" : result.toString();
    }
}

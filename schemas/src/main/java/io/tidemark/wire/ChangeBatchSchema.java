package io.tidemark.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.avro.Schema;

/** The Avro schema of the change log's records, as in {@code change-batch.avsc}. */
public final class ChangeBatchSchema {
    private ChangeBatchSchema() {}

    /** Reads the schema from the class path. */
    public static Schema load() {
        try (InputStream in = ChangeBatchSchema.class.getResourceAsStream("change-batch.avsc")) {
            return new Schema.Parser().parse(Objects.requireNonNull(in, "change-batch.avsc"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.tidemark.ingest;

import io.tidemark.model.SourceSchema;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What goes with a change log, from the compacted topic beside it.
 *
 * @param repository where the newest epoch is archived; empty if no epoch was begun
 * @param schema the source's schema after the last complete transaction in the log; empty if no copy was ever finished
 */
record LogState(Optional<String> repository, Optional<SourceSchema> schema) {
    /** The key of the record that tells the repository; fragments of the schema have their numbers as keys. */
    private static final String REPOSITORY = "repository";

    static byte[] repositoryKey() {
        return REPOSITORY.getBytes(StandardCharsets.US_ASCII);
    }

    static boolean tellsRepository(byte[] key) {
        return REPOSITORY.equals(new String(key, StandardCharsets.US_ASCII));
    }
}

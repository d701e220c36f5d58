package io.tidemark.archiver;

import io.tidemark.wire.KafkaSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * What the archiver's workers need to know.
 *
 * @param instance the worker's name in its consumer group: what it had before a crash is its own again at once
 * @param spoolDirectory for temporary files, as large as the largest object
 * @param logReaders jobs whose consumer groups read the change log, see {@link io.tidemark.wire.Topics#group}
 */
public record ArchiverSettings(KafkaSettings kafka, String instance, Path spoolDirectory, List<String> logReaders) {
    public ArchiverSettings {
        logReaders = List.copyOf(logReaders);
    }
}

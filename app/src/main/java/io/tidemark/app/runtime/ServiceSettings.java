package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.archiver.ArchiverSettings;
import io.tidemark.pipeline.PipelineSettings;
import io.tidemark.pipeline.SnapshotSchedule;
import io.tidemark.pipeline.StreamsJob;
import io.tidemark.retention.Pruner;
import io.tidemark.retention.RetentionPolicy;
import io.tidemark.wire.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * What the parts of all sources are told. Read once, so that a wrong value is found at the start.
 *
 * @param instance the identity of this process, see {@link DataLock#identity()}
 * @param data the data directory
 */
record ServiceSettings(
        UUID instance,
        Path data,
        PipelineSettings pipeline,
        Duration heartbeatInterval,
        int copyReaders,
        int archiverWorkers,
        Duration pruneInterval,
        Pruner.Patience prunePatience,
        RetentionPolicy retention) {

    /**
     * Reads them.
     *
     * @throws io.tidemark.model.TidemarkException of kind USAGE if a value cannot be read
     */
    static ServiceSettings of(Configuration configuration, UUID instance, KafkaSettings kafka) {
        return new ServiceSettings(
                instance,
                configuration.data(),
                pipeline(configuration, instance, kafka),
                configuration.duration(Key.HEARTBEAT_INTERVAL),
                configuration.integer(Key.COPY_READERS),
                configuration.integer(Key.ARCHIVER_WORKERS),
                configuration.duration(Key.PRUNE_INTERVAL),
                Retention.patience(configuration),
                Retention.policy(configuration));
    }

    private static PipelineSettings pipeline(Configuration configuration, UUID instance, KafkaSettings kafka) {
        return new PipelineSettings(
                kafka,
                instance.toString(),
                configuration.data().resolve("streams"),
                configuration.bytes(Key.SEGMENT_MAX_SIZE),
                configuration.duration(Key.SEGMENT_MAX_AGE),
                configuration.duration(Key.HORIZON_INTERVAL),
                configuration.duration(Key.SNAPSHOT_INTERVAL),
                configuration.bytes(Key.SNAPSHOT_AFTER),
                configuration
                        .optional(Key.SNAPSHOT_SCHEDULE)
                        .map(cron -> SnapshotSchedule.of(cron, configuration.text(Key.SNAPSHOT_TIME_ZONE))),
                configuration.integer(Key.COMPACTION_FAN_IN),
                configuration.bytes(Key.COMPACTION_MAX_SIZE),
                configuration.flag(Key.AUDIT_ENABLED),
                configuration.duration(Key.AUDIT_RETENTION));
    }

    /**
     * What an archiver's worker needs.
     *
     * @param number tells it from the others of its kind in this process
     */
    ArchiverSettings archiver(KafkaSettings kafka, int number) {
        List<String> readers =
                pipeline.audit() ? List.of(StreamsJob.PLANNER, StreamsJob.AUDIT) : List.of(StreamsJob.PLANNER);
        return new ArchiverSettings(kafka, instance + "-" + number, data.resolve("spool"), readers);
    }
}

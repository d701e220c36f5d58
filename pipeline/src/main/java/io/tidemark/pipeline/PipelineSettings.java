package io.tidemark.pipeline;

import io.tidemark.wire.KafkaSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the pipeline of one source decides.
 *
 * @param instance this process's name in the jobs' consumer groups: what it had before a crash is its own again at once
 * @param stateDirectory where Kafka Streams keeps its files
 * @param segmentMaxBytes a segment is cut when it has so many bytes of log
 * @param segmentMaxAge a segment is cut when its first change is so old
 * @param horizonInterval how often the horizon moves while only time goes by
 * @param snapshotInterval how old the newest snapshot may become; zero for any age
 * @param snapshotAfterBytes how many bytes of log may follow the newest snapshot; zero for any number
 * @param snapshotSchedule when snapshots are made besides
 * @param compactionFanIn how many segments or runs of one tier become a run; less than 2 for no runs at all
 * @param compactionMaxBytes how many bytes of log a run may have
 * @param audit whether changes are routed to audit topics
 * @param auditRetention how long audit topics keep changes
 */
public record PipelineSettings(
        KafkaSettings kafka,
        String instance,
        Path stateDirectory,
        long segmentMaxBytes,
        Duration segmentMaxAge,
        Duration horizonInterval,
        Duration snapshotInterval,
        long snapshotAfterBytes,
        Optional<SnapshotSchedule> snapshotSchedule,
        int compactionFanIn,
        long compactionMaxBytes,
        boolean audit,
        Duration auditRetention) {}

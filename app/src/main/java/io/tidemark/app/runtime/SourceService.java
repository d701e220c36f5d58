package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.archiver.ArchiverSettings;
import io.tidemark.archiver.CompactionWorker;
import io.tidemark.archiver.SegmentWorker;
import io.tidemark.archiver.SnapshotWorker;
import io.tidemark.ingest.IngestWorker;
import io.tidemark.model.TidemarkException;
import io.tidemark.pipeline.Pipeline;
import io.tidemark.pipeline.PipelineSettings;
import io.tidemark.pipeline.SnapshotSchedule;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.retention.Pruner;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.SourceTopics;
import io.tidemark.wire.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All roles of one source in this process. Stops in the order of the flow, so that what was captured is archived. */
final class SourceService {
    private static final Logger LOG = LoggerFactory.getLogger(SourceService.class);

    /** A worker's life: body runs until stop is called. */
    private record Worker(String name, Body body, Runnable stop) {
        interface Body {
            void run() throws InterruptedException;
        }
    }

    private final Configuration configuration;
    private final UUID instance;
    private final SourceDefinition definition;
    private final Topics topics;
    private final KafkaSettings kafka;
    private final SchemaRegistry registry;
    private final Repository repository;
    private final Catalog catalog;
    private final Consumer<Throwable> onFailure;
    private final List<Worker> ingest = new ArrayList<>();
    private final List<Worker> archivers = new ArrayList<>();
    private final List<Pipeline> pipelines = new ArrayList<>();
    private final List<Thread> ingestThreads = new ArrayList<>();
    private final List<Thread> archiverThreads = new ArrayList<>();

    SourceService(
            Configuration configuration,
            UUID instance,
            SourceDefinition definition,
            KafkaSettings kafka,
            SchemaRegistry registry,
            Repository repository,
            Catalog catalog,
            Consumer<Throwable> onFailure) {
        this.configuration = configuration;
        this.instance = instance;
        this.definition = definition;
        this.kafka = kafka;
        this.registry = registry;
        this.repository = repository;
        this.catalog = catalog;
        this.onFailure = onFailure;
        topics = new Topics(definition.name());
    }

    void start(Set<Role> roles) {
        SourceTopics.create(kafka, topics);
        if (roles.contains(Role.PIPELINE)) {
            Pipeline pipeline = new Pipeline(topics, pipelineSettings(), registry, onFailure);
            pipelines.add(pipeline);
            pipeline.start();
        }
        if (roles.contains(Role.ARCHIVER)) {
            addArchivers();
            archivers.forEach(worker -> archiverThreads.add(start(worker)));
        }
        if (roles.contains(Role.INGEST)) {
            IngestWorker worker = new IngestWorker(
                    kafka,
                    topics,
                    registry,
                    Engines.source(definition.engine(), definition.settings(configuration.integer(Key.COPY_READERS))),
                    configuration.duration(Key.HEARTBEAT_INTERVAL),
                    new SourceArchive(
                            definition.name(),
                            catalog,
                            repository.identity().repositoryId().toString()));
            ingest.add(new Worker("ingest", worker::run, worker::stop));
            ingest.forEach(w -> ingestThreads.add(start(w)));
        }
    }

    private PipelineSettings pipelineSettings() {
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
     * What a worker needs.
     *
     * @param number tells it from the others of its kind in this process
     */
    private ArchiverSettings archiverSettings(int number) {
        List<String> readers = configuration.flag(Key.AUDIT_ENABLED)
                ? List.of(Pipeline.PLANNER, Pipeline.AUDIT)
                : List.of(Pipeline.PLANNER);
        return new ArchiverSettings(
                kafka, instance + "-" + number, configuration.data().resolve("spool"), readers);
    }

    private void addArchivers() {
        for (int i = 0; i < configuration.integer(Key.ARCHIVER_WORKERS); i++) {
            SegmentWorker worker =
                    new SegmentWorker(archiverSettings(i), topics, repository, catalog, registry, Clock.systemUTC());
            archivers.add(new Worker("archiver-" + i, worker::run, worker::stop));
        }
        if (!repository.opensRows()) {
            LOG.info(
                    "{}: snapshots, compaction and pruning need the private key of a recipient; run 'tidemark compact', 'create --offline' and 'prune' where that is",
                    definition.name());
            return;
        }
        ArchiverSettings settings = archiverSettings(0);
        SnapshotWorker snapshots = new SnapshotWorker(settings, topics, repository, catalog, Clock.systemUTC());
        archivers.add(new Worker("snapshots", snapshots::run, snapshots::stop));
        CompactionWorker compactions = new CompactionWorker(settings, topics, repository, catalog, Clock.systemUTC());
        archivers.add(new Worker("compactions", compactions::run, compactions::stop));
        addMaintenance();
    }

    private void addMaintenance() {
        Duration interval = configuration.duration(Key.PRUNE_INTERVAL);
        if (interval.isZero()) {
            return;
        }
        Pruner pruner = new Pruner(repository, catalog, Clock.systemUTC(), Retention.patience(configuration));
        Maintenance maintenance =
                new Maintenance(definition.name(), catalog, pruner, Retention.policy(configuration), interval);
        archivers.add(new Worker("maintenance", maintenance::run, maintenance::stop));
    }

    private Thread start(Worker worker) {
        Thread thread = new Thread(
                () -> {
                    try {
                        worker.body().run();
                    } catch (InterruptedException e) {
                        LOG.debug("{} of {} was interrupted", worker.name(), definition.name(), e);
                    } catch (RuntimeException e) {
                        onFailure.accept(e);
                    }
                },
                worker.name() + "-" + definition.name());
        thread.start();
        return thread;
    }

    /** Stops capturing, waits until everything captured is in the repository, then stops the rest. */
    void stop(Duration patience) throws InterruptedException {
        ingest.forEach(worker -> worker.stop().run());
        join(ingestThreads, patience);
        if (!ingest.isEmpty() && !pipelines.isEmpty() && !archivers.isEmpty()) {
            awaitFlush(patience);
        }
        archivers.forEach(worker -> worker.stop().run());
        join(archiverThreads, patience);
        pipelines.forEach(Pipeline::close);
    }

    private void awaitFlush(Duration patience) throws InterruptedException {
        try (LogHorizon horizon = new LogHorizon(kafka, topics)) {
            if (!horizon.awaitArchived(catalog, patience)) {
                LOG.warn(
                        "what was captured of {} last is not in the repository yet after {} s; Kafka keeps it until the next start",
                        definition.name(),
                        patience.toSeconds());
            }
        } catch (TidemarkException e) {
            LOG.warn("cannot see whether {} is flushed: {}", definition.name(), e.getMessage());
        }
    }

    private static void join(List<Thread> threads, Duration patience) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(patience.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(patience.toMillis());
            }
        }
    }
}

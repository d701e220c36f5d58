package io.tidemark.app.runtime;

import io.tidemark.app.config.SourceDefinition;
import io.tidemark.archiver.ArchiverSettings;
import io.tidemark.archiver.CompactionWorker;
import io.tidemark.archiver.SegmentWorker;
import io.tidemark.archiver.SnapshotWorker;
import io.tidemark.ingest.IngestWorker;
import io.tidemark.model.TidemarkException;
import io.tidemark.pipeline.StreamsJob;
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
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts of the work for one source in this process. Stops in the order of the flow, so that what was captured is archived. */
final class SourceService {
    /** The part that captures. */
    static final String INGEST = "ingest";

    private static final Logger LOG = LoggerFactory.getLogger(SourceService.class);
    /** How long before the end of a stop the capture, the flush and the archivers give up. */
    private static final Duration CAPTURE_RESERVE = Duration.ofSeconds(32);

    private static final Duration FLUSH_RESERVE = Duration.ofSeconds(14);
    private static final Duration ARCHIVE_RESERVE = Duration.ofSeconds(6);
    private static final Duration FAILING_PATIENCE = Duration.ofSeconds(3);

    private final SourceDefinition definition;
    private final ServiceSettings settings;
    private final Topics topics;
    private final KafkaSettings kafka;
    private final SchemaRegistry registry;
    private final Repository repository;
    private final Consumer<String> onFatal;
    private final List<Part> ingest = new ArrayList<>();
    private final List<Part> archivers = new ArrayList<>();
    private final List<Part> jobs = new ArrayList<>();
    /** Prunes beside other parts; alone it is nothing that goes on. */
    private final List<Part> upkeep = new ArrayList<>();

    private @Nullable SourceLock lock;
    private @Nullable Catalog catalog;
    private boolean hasTopics;

    /**
     * @param onFatal is told why the whole process must end
     */
    SourceService(
            SourceDefinition definition,
            ServiceSettings settings,
            KafkaSettings kafka,
            SchemaRegistry registry,
            Repository repository,
            Consumer<String> onFatal) {
        this.definition = definition;
        this.settings = settings;
        this.kafka = kafka;
        this.registry = registry;
        this.repository = repository;
        this.onFatal = onFatal;
        topics = new Topics(definition.name());
    }

    /**
     * Starts the parts; whatever one of them needs is made by itself, as often as it takes.
     *
     * @throws TidemarkException of kind PERMANENT if a command works on the source, or another process captures it
     */
    void start(Set<Role> roles) {
        if (roles.contains(Role.INGEST)) {
            lock = SourceLock.take(settings.data(), definition.name());
        }
        if (roles.contains(Role.PIPELINE)) {
            add(jobs, StreamsJob.PLANNER, () -> job(StreamsJob.planner(topics, settings.pipeline())));
            if (settings.pipeline().audit()) {
                add(jobs, StreamsJob.AUDIT, () -> job(StreamsJob.audit(topics, settings.pipeline(), registry)));
            }
        }
        if (roles.contains(Role.ARCHIVER)) {
            startArchivers();
        }
        if (roles.contains(Role.INGEST)) {
            add(ingest, INGEST, new Capturing());
        }
    }

    private void add(List<Part> parts, String name, Part.Attempts attempts) {
        parts.add(Part.start(
                definition.name(),
                name,
                () -> {
                    makeTopics();
                    return attempts.next();
                },
                onFatal,
                Clock.systemUTC()));
    }

    private static Part.Task job(StreamsJob job) {
        return Part.Task.of(job::run, job::stop);
    }

    /** One worker for all attempts: it remembers why the stream was lost. */
    private final class Capturing implements Part.Attempts {
        private @Nullable IngestWorker worker;

        @Override
        public Part.Task next() {
            IngestWorker known = worker;
            if (known == null) {
                known = new IngestWorker(
                        kafka,
                        topics,
                        registry,
                        Engines.source(
                                definition.engine(),
                                definition.settings(settings.copyReaders(), Optional.of(repositoryId()))),
                        settings.heartbeatInterval(),
                        new SourceArchive(definition.name(), catalog(), repositoryId()));
                worker = known;
            }
            return Part.Task.of(known::run, known::stop);
        }
    }

    private void startArchivers() {
        for (int i = 0; i < settings.archiverWorkers(); i++) {
            ArchiverSettings own = settings.archiver(kafka, i);
            add(archivers, "archiver-" + i, () -> {
                SegmentWorker worker =
                        new SegmentWorker(own, topics, repository, catalog(), registry, Clock.systemUTC());
                return Part.Task.of(worker::run, worker::stop);
            });
        }
        if (!repository.opensRows()) {
            LOG.info(
                    "{}: snapshots, compaction and pruning need the private key of a recipient; run 'tidemark compact', 'create --offline' and 'prune' where that is",
                    definition.name());
            return;
        }
        ArchiverSettings own = settings.archiver(kafka, 0);
        add(archivers, "snapshots", () -> {
            SnapshotWorker worker = new SnapshotWorker(own, topics, repository, catalog(), Clock.systemUTC());
            return Part.Task.of(worker::run, worker::stop);
        });
        add(archivers, "compactions", () -> {
            CompactionWorker worker = new CompactionWorker(own, topics, repository, catalog(), Clock.systemUTC());
            return Part.Task.of(worker::run, worker::stop);
        });
        if (!settings.pruneInterval().isZero()) {
            add(upkeep, "maintenance", this::maintenance);
        }
    }

    private Part.Task maintenance() {
        Pruner pruner = new Pruner(repository, catalog(), Clock.systemUTC(), settings.prunePatience());
        Maintenance maintenance =
                new Maintenance(definition.name(), catalog(), pruner, settings.retention(), settings.pruneInterval());
        return Part.Task.of(maintenance::run, maintenance::stop);
    }

    private synchronized void makeTopics() {
        if (!hasTopics) {
            SourceTopics.create(kafka, topics);
            hasTopics = true;
        }
    }

    /** Loaded by whoever needs it first. */
    private synchronized Catalog catalog() {
        Catalog known = catalog;
        if (known == null) {
            known = Catalog.load(repository, Clock.systemUTC());
            catalog = known;
        }
        return known;
    }

    private String repositoryId() {
        return repository.identity().repositoryId().toString();
    }

    SourceDefinition definition() {
        return definition;
    }

    /** What the parts do. */
    SourceState state() {
        return new SourceState(
                definition.name(),
                Stream.of(ingest, jobs, archivers, upkeep)
                        .flatMap(List::stream)
                        .map(Part::state)
                        .toList());
    }

    /** Why nothing goes on here any more; empty while something does. */
    Optional<String> end() {
        List<PartState> states = Stream.of(ingest, jobs, archivers)
                .flatMap(List::stream)
                .map(Part::state)
                .toList();
        return states.stream().allMatch(PartState::hasEnded)
                ? states.stream().flatMap(state -> state.failure().stream()).findFirst()
                : Optional.empty();
    }

    /**
     * Stops capturing, waits until everything captured is in the repository, then stops the rest.
     *
     * @param removed whether nobody will archive what is left, so that each process waits for it, whatever its roles
     */
    void stop(Deadline deadline, boolean removed) throws InterruptedException {
        boolean failing =
                ingest.stream().anyMatch(part -> part.state().failure().isPresent());
        boolean captures = !haveEnded(ingest, deadline.before(CAPTURE_RESERVE));
        if (removed || (!ingest.isEmpty() && !jobs.isEmpty() && !archivers.isEmpty())) {
            // Behind what a failing capture wrote last there may be nothing that asks for a cut.
            awaitFlush(failing ? Deadline.in(FAILING_PATIENCE) : deadline.before(FLUSH_RESERVE));
        }
        upkeep.forEach(Part::stop);
        stop(archivers, deadline.before(ARCHIVE_RESERVE));
        stop(jobs, deadline);
        stop(upkeep, deadline);
        if (lock != null && captures) {
            giveBackLater(lock);
        } else if (lock != null) {
            lock.close();
        }
    }

    /** Once the capture that was left behind has ended. */
    private void giveBackLater(SourceLock held) {
        Thread thread = new Thread(
                () -> {
                    try {
                        for (Part part : ingest) {
                            boolean unused = part.join(Deadline.in(Duration.ofDays(1)));
                        }
                        held.close();
                    } catch (InterruptedException e) {
                        LOG.debug("the lock of {} stays", definition.name(), e);
                    }
                },
                "lock-" + definition.name());
        thread.setDaemon(true);
        thread.start();
    }

    private static void stop(List<Part> parts, Deadline deadline) throws InterruptedException {
        boolean unused = haveEnded(parts, deadline);
    }

    /** Stops them; whether all of them ended. */
    private static boolean haveEnded(List<Part> parts, Deadline deadline) throws InterruptedException {
        parts.forEach(Part::stop);
        boolean all = true;
        for (Part part : parts) {
            all &= part.join(deadline);
        }
        return all;
    }

    private void awaitFlush(Deadline deadline) throws InterruptedException {
        try (LogHorizon horizon = new LogHorizon(kafka, topics)) {
            if (!horizon.awaitArchived(catalog(), deadline)) {
                LOG.warn(
                        "what was captured of {} last is not in the repository yet; Kafka keeps it until the next start",
                        definition.name());
            }
        } catch (TidemarkException e) {
            LOG.warn("cannot see whether {} is flushed: {}", definition.name(), e.getMessage());
        }
    }
}

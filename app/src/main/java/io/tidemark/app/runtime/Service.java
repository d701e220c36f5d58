package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.embedded.EmbeddedKafka;
import io.tidemark.app.embedded.EmbeddedRegistry;
import io.tidemark.copy.RepositoryCopy;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.wire.HttpSchemaRegistry;
import io.tidemark.wire.KafkaSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running service: the roles of this process for all sources. Starting takes a lock on the data directory, so that two
 * processes never share one. What fails for one source is tried again and leaves the others alone ({@link Part}); sources
 * that are added, changed and removed are taken up. Closing is graceful and idempotent.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    /** Together shorter than the 90 s after which systemd kills. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(50);

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> end = new AtomicReference<>();
    private final ServiceReports reports;
    private final String roles;
    private @Nullable RunningSources sources;
    private @Nullable Thread follower;
    private String lookProblem = "";
    private boolean closed;

    private Service(Path data, Set<Role> roles) {
        reports = new ServiceReports(data);
        this.roles = roles.stream().map(Role::text).collect(Collectors.joining(","));
    }

    /**
     * Starts the roles; returns when they run.
     *
     * @throws TidemarkException if what all sources share does not start; nothing is left running then
     */
    public static Service start(Configuration configuration, Set<Role> roles) {
        Service service = new Service(configuration.data(), roles);
        try {
            service.open(configuration, roles);
            return service;
        } catch (IOException e) {
            service.close();
            throw TidemarkException.permanent(
                    "cannot use the data directory " + configuration.data() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    private void open(Configuration configuration, Set<Role> roles) throws IOException {
        UUID instance = lock(configuration.data(), roles);
        boolean worksForSources =
                roles.contains(Role.INGEST) || roles.contains(Role.PIPELINE) || roles.contains(Role.ARCHIVER);
        Optional<Repository> repository =
                worksForSources ? Optional.of(Repositories.open(configuration)) : Optional.empty();
        repository.ifPresent(resources::push);
        if (roles.contains(Role.ARCHIVER)) {
            startMirror(configuration, repository.orElseThrow());
        }
        KafkaSettings kafka = kafka(configuration, roles);
        URI registryUrl = registry(configuration, roles, kafka);
        if (repository.isEmpty()) {
            return;
        }
        ServiceSettings settings = ServiceSettings.of(configuration, instance, kafka);
        HttpSchemaRegistry registry = new HttpSchemaRegistry(registryUrl);
        Repository opened = repository.get();
        RunningSources running = new RunningSources(
                new SourceDefinitions(configuration.data()),
                definition -> new SourceService(definition, settings, kafka, registry, opened, this::end),
                roles,
                STOP_PATIENCE);
        sources = running;
        running.follow();
        report(running);
        follow(running);
    }

    /** Looks after the sources until this is closed. */
    private void follow(RunningSources running) {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!ended.await(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                            look(running);
                        }
                    } catch (InterruptedException e) {
                        LOG.debug("the service does not look after its sources any more", e);
                    }
                },
                "sources");
        thread.setDaemon(true);
        thread.start();
        follower = thread;
    }

    private void look(RunningSources running) {
        try {
            running.follow();
            report(running);
            running.end().ifPresent(this::end);
            lookProblem = "";
        } catch (RuntimeException | IOException e) {
            if (!lookProblem.equals(e.toString())) {
                LOG.warn("cannot look after the sources, it is tried again: {}", e.getMessage());
            }
            lookProblem = e.toString();
        }
    }

    private void end(String why) {
        end.compareAndSet(null, why);
        ended.countDown();
    }

    private void report(RunningSources running) throws IOException {
        reports.write(new ServiceState(
                ProcessHandle.current().pid(),
                roles,
                Micros.of(Clock.systemUTC().instant()),
                running.states()));
    }

    /** Whether this waits for a first source. */
    public boolean lacksSources() {
        RunningSources running = sources;
        return running != null && running.states().isEmpty();
    }

    private void startMirror(Configuration configuration, Repository repository) {
        configuration.optional(Key.MIRROR).ifPresent(location -> {
            if (!repository.opensRows()) {
                throw TidemarkException.usage("a mirror needs the private key of a recipient, since it looks into "
                        + "snapshots; remove mirror, and run 'tidemark repo copy' where that key is");
            }
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            ObjectStore place = Repositories.store(location, configuration);
            RepositoryCopy copy =
                    new RepositoryCopy(repository, catalog, place, configuration.integer(Key.RESTORE_JOBS));
            resources.push(Mirror.start(copy, place, configuration.duration(Key.MIRROR_INTERVAL)));
            LOG.info("a copy is kept at {}", place.location());
        });
    }

    /** Takes the data directory; the identity that goes with it. */
    private UUID lock(Path data, Set<Role> roles) throws IOException {
        String suffix = roles.size() == Role.values().length
                ? ""
                : "-" + String.join("-", roles.stream().map(Role::text).toList());
        DataLock lock = DataLock.take(data, suffix);
        resources.push(lock);
        return lock.identity();
    }

    private KafkaSettings kafka(Configuration configuration, Set<Role> roles) {
        Optional<String> external = configuration.optional(Key.KAFKA_BOOTSTRAP_SERVERS);
        if (external.isPresent()) {
            return new KafkaSettings(external.get(), configuration.kafkaClient());
        }
        if (!roles.contains(Role.KAFKA)) {
            throw TidemarkException.usage("kafka.bootstrap.servers is needed for roles without kafka");
        }
        EmbeddedKafka kafka =
                EmbeddedKafka.start(configuration.data().resolve("kafka"), configuration.integer(Key.KAFKA_PORT));
        resources.push(kafka);
        LOG.info("Kafka runs in the process, at {}", kafka.bootstrapServers());
        return new KafkaSettings(kafka.bootstrapServers(), configuration.kafkaClient());
    }

    private URI registry(Configuration configuration, Set<Role> roles, KafkaSettings kafka) {
        Optional<String> external = configuration.optional(Key.REGISTRY_URL);
        if (external.isPresent()) {
            return URI.create(external.get());
        }
        if (!roles.contains(Role.REGISTRY)) {
            return URI.create("http://127.0.0.1:" + configuration.integer(Key.REGISTRY_PORT));
        }
        EmbeddedRegistry registry = EmbeddedRegistry.start(kafka, configuration.integer(Key.REGISTRY_PORT));
        resources.push(registry);
        LOG.info("a schema registry runs in the process, at {}", registry.url());
        return registry.url();
    }

    /**
     * Waits until nothing is left here that could go on, or {@link #requestStop} is called.
     *
     * @throws TidemarkException of kind PERMANENT why nothing goes on
     */
    public void await() throws InterruptedException {
        ended.await();
        String why = end.get();
        if (why != null) {
            throw TidemarkException.permanent(why);
        }
    }

    /** Ends {@link #await}. Safe from any thread. */
    public void requestStop() {
        ended.countDown();
    }

    /** Stops everything; returns within a minute, whatever hangs. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        ended.countDown();
        try {
            stopSources();
            Thread closing = new Thread(this::closeResources, "close");
            closing.setDaemon(true);
            closing.start();
            if (!Deadline.in(CLOSE_PATIENCE).join(closing)) {
                LOG.warn("what the sources share does not close and is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopSources() throws InterruptedException {
        RunningSources running = sources;
        if (running == null) {
            return;
        }
        Deadline deadline = Deadline.in(STOP_PATIENCE);
        Thread looking = follower;
        if (looking != null) {
            boolean unused = deadline.join(looking);
        }
        if (!running.stopAll(deadline)) {
            LOG.warn("not every source stopped in {} s", STOP_PATIENCE.toSeconds());
        }
        try {
            reports.remove(roles);
        } catch (IOException e) {
            LOG.warn("cannot delete what this process said of itself: {}", e.toString());
        }
    }

    private void closeResources() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                LOG.warn("something did not close: {}", e.toString());
            }
        }
    }
}

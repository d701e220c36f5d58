package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.embedded.EmbeddedKafka;
import io.tidemark.app.embedded.EmbeddedRegistry;
import io.tidemark.copy.RepositoryCopy;
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
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running service: the roles of this process for all sources. Starting takes a lock on the data directory, so that two
 * processes never share one. Closing is graceful and idempotent.
 */
public final class Service implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final List<SourceService> sources = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private boolean closed;

    private Service() {}

    /**
     * Starts the roles; returns when they run.
     *
     * @throws TidemarkException if anything does not start; nothing is left running then
     */
    public static Service start(Configuration configuration, Set<Role> roles) {
        Service service = new Service();
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
        boolean needsRepository = roles.contains(Role.INGEST) || roles.contains(Role.ARCHIVER);
        Optional<Repository> repository = Optional.empty();
        if (needsRepository) {
            Repository opened = Repositories.open(configuration);
            resources.push(opened);
            repository = Optional.of(opened);
            if (roles.contains(Role.ARCHIVER)) {
                startMirror(configuration, opened);
            }
        }
        KafkaSettings kafka = kafka(configuration, roles);
        URI registryUrl = registry(configuration, roles, kafka);
        if (!roles.contains(Role.INGEST) && !roles.contains(Role.PIPELINE) && !roles.contains(Role.ARCHIVER)) {
            return;
        }
        HttpSchemaRegistry registry = new HttpSchemaRegistry(registryUrl);
        List<SourceDefinition> definitions = new SourceDefinitions(configuration.data()).list();
        if (definitions.isEmpty()) {
            throw TidemarkException.usage("there is no source in " + configuration.data()
                    + "; add one with 'tidemark source add NAME postgresql://user@host:port/database'");
        }
        for (SourceDefinition definition : definitions) {
            startSource(configuration, instance, roles, definition, kafka, registry, repository);
        }
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

    private void startSource(
            Configuration configuration,
            UUID instance,
            Set<Role> roles,
            SourceDefinition definition,
            KafkaSettings kafka,
            HttpSchemaRegistry registry,
            Optional<Repository> repository) {
        Repository opened = repository.orElseGet(() -> {
            Repository late = Repositories.open(configuration);
            resources.push(late);
            return late;
        });
        Catalog catalog = Catalog.load(opened, Clock.systemUTC());
        SourceService source =
                new SourceService(configuration, instance, definition, kafka, registry, opened, catalog, this::fail);
        sources.add(source);
        source.start(roles);
        LOG.info("{} runs: {}", definition.name(), roles);
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

    private void fail(Throwable error) {
        if (failure.compareAndSet(null, error)) {
            LOG.error("stopping: {}", error.getMessage(), error instanceof TidemarkException ? null : error);
        }
        ended.countDown();
    }

    /**
     * Waits until something fails for good or {@link #requestStop} is called.
     *
     * @throws TidemarkException what failed
     */
    public void await() throws InterruptedException {
        ended.await();
        Throwable error = failure.get();
        if (error instanceof TidemarkException known) {
            throw known;
        }
        if (error != null) {
            throw TidemarkException.permanent("a part of the service failed: " + error.getMessage(), error);
        }
    }

    /** Ends {@link #await}. Safe from any thread. */
    public void requestStop() {
        ended.countDown();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (SourceService source : sources) {
            try {
                source.stop(STOP_PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                LOG.warn("something did not close: {}", e.toString());
            }
        }
    }
}

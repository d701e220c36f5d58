package io.tidemark.app.runtime;

import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.model.Micros;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sources that run: those that are defined, in the way they are defined now. One that does not start, or takes long to
 * stop, leaves the others alone. Not thread-safe, apart from {@link #states}.
 */
final class RunningSources {
    private static final Logger LOG = LoggerFactory.getLogger(RunningSources.class);

    private final SourceDefinitions definitions;
    private final Function<SourceDefinition, SourceService> services;
    private final Set<Role> roles;
    private final Duration stopPatience;
    private final Map<String, SourceService> running = new TreeMap<>();
    private final Map<String, Thread> stopping = new HashMap<>();
    private final Map<String, String> refused = new TreeMap<>();

    /**
     * @param services makes the service of a source, not started
     */
    RunningSources(
            SourceDefinitions definitions,
            Function<SourceDefinition, SourceService> services,
            Set<Role> roles,
            Duration stopPatience) {
        this.definitions = definitions;
        this.services = services;
        this.roles = roles;
        this.stopPatience = stopPatience;
    }

    /** Starts what was added, stops what was removed, and starts again what was changed. */
    synchronized void follow() {
        Set<String> names = new TreeSet<>(definitions.names());
        for (String name : List.copyOf(running.keySet())) {
            if (!names.contains(name) && !isAwaited(name)) {
                LOG.info("{} was removed and is not backed up any more", name);
                stop(name, true);
            }
        }
        refused.keySet().retainAll(names);
        names.forEach(this::followOne);
    }

    /** Where others capture, what they bring until they let go of a source is archived first. */
    private boolean isAwaited(String name) {
        return !roles.contains(Role.INGEST) && definitions.isBeingRemoved(name);
    }

    private void followOne(String name) {
        try {
            SourceDefinition definition = definitions.get(name);
            SourceService service = running.get(name);
            if (service != null && !service.definition().equals(definition)) {
                LOG.info("the definition of {} changed; it starts again", name);
                stop(name, false);
                service = null;
            }
            if (service == null && hasStopped(name)) {
                start(name, definition);
            }
            refused.remove(name);
        } catch (RuntimeException e) {
            if (!String.valueOf(e.getMessage()).equals(refused.put(name, String.valueOf(e.getMessage())))) {
                LOG.warn("{} does not start: {}", name, e.getMessage());
            }
        }
    }

    private void start(String name, SourceDefinition definition) {
        SourceService service = services.apply(definition);
        service.start(roles);
        running.put(name, service);
        LOG.info("{} runs: {}", name, roles);
    }

    private boolean hasStopped(String name) {
        Thread stop = stopping.get(name);
        return stop == null || !stop.isAlive();
    }

    private void stop(String name, boolean removed) {
        SourceService service = running.remove(name);
        if (service == null) {
            return;
        }
        Deadline deadline = Deadline.in(stopPatience);
        Thread thread = new Thread(() -> stop(service, deadline, removed), "stop-" + name);
        thread.setDaemon(true);
        thread.start();
        stopping.put(name, thread);
    }

    private static void stop(SourceService service, Deadline deadline, boolean removed) {
        try {
            service.stop(deadline, removed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("{} did not stop as it should: {}", service.definition().name(), e.toString());
        }
    }

    /** What is done for each source that is defined. */
    synchronized List<SourceState> states() {
        List<SourceState> states = new ArrayList<>();
        running.values().forEach(service -> states.add(service.state()));
        long now = Micros.of(Clock.systemUTC().instant());
        refused.forEach((name, why) -> states.add(
                new SourceState(name, List.of(new PartState("start", "waiting", now, Optional.of(why), 1)))));
        return states;
    }

    /** Why nothing goes on for any source; empty while something does, or where there is no source yet. */
    synchronized Optional<String> end() {
        List<Optional<String>> ends =
                running.values().stream().map(SourceService::end).toList();
        return ends.isEmpty() || ends.stream().anyMatch(Optional::isEmpty) ? Optional.empty() : ends.get(0);
    }

    /**
     * Stops all of them at once.
     *
     * @return whether all ended in time
     */
    synchronized boolean stopAll(Deadline deadline) throws InterruptedException {
        List.copyOf(running.keySet()).forEach(name -> stop(name, false));
        boolean all = true;
        for (Thread stop : stopping.values()) {
            all &= deadline.join(stop);
        }
        return all;
    }
}

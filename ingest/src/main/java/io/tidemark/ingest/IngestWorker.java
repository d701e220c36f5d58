package io.tidemark.ingest;

import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one source captured: opens the change log, goes on where it ends, and after any failure that may pass starts over
 * in just the same way. There is no state to repair.
 */
public final class IngestWorker {
    private static final Logger LOG = LoggerFactory.getLogger(IngestWorker.class);
    private static final long IDLE_NANOS = 2_000_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final KafkaSettings kafka;
    private final Topics topics;
    private final SchemaRegistry registry;
    private final Source source;
    private final Duration heartbeatInterval;
    private final Archive archive;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<@Nullable Thread> opening = new AtomicReference<>();
    private Duration pause = FIRST_PAUSE;
    private Optional<String> lost = Optional.empty();

    /**
     * @param source is closed when the worker ends
     */
    public IngestWorker(
            KafkaSettings kafka,
            Topics topics,
            SchemaRegistry registry,
            Source source,
            Duration heartbeatInterval,
            Archive archive) {
        this.kafka = kafka;
        this.topics = topics;
        this.registry = registry;
        this.source = source;
        this.heartbeatInterval = heartbeatInterval;
        this.archive = archive;
    }

    /**
     * Captures until {@link #stop()}, then asks for a last cut so that everything captured reaches the repository.
     *
     * @throws TidemarkException of kind PERMANENT or FENCED if it cannot go on
     */
    public void run() throws InterruptedException {
        ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "heartbeat-" + topics.source());
            thread.setDaemon(true);
            return thread;
        });
        try (source) {
            while (!stopped.get()) {
                try {
                    session(heartbeats);
                } catch (TidemarkException e) {
                    if (e.kind() == TidemarkException.Kind.STREAM_LOST) {
                        LOG.warn("capture of {} begins anew: {}", topics.source(), e.getMessage());
                        lost = Optional.of(String.valueOf(e.getMessage()));
                        continue;
                    }
                    if (e.kind() != TidemarkException.Kind.TRANSIENT) {
                        throw e;
                    }
                    if (!stopped.get()) {
                        LOG.warn(
                                "capture of {} interrupted, going on in {} ms: {}",
                                topics.source(),
                                pause.toMillis(),
                                e.getMessage());
                        Thread.sleep(pause.toMillis());
                        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                                ? pause.multipliedBy(2)
                                : LONGEST_PAUSE;
                    }
                }
            }
        } finally {
            heartbeats.shutdownNow();
        }
    }

    private void session(ScheduledExecutorService heartbeats) throws InterruptedException {
        try (ChangeLogProducer log = new ChangeLogProducer(kafka, topics)) {
            session(log, new ChangeLogWriter(log, topics, registry), heartbeats);
        }
    }

    private void session(ChangeLogProducer log, ChangeLogWriter writer, ScheduledExecutorService heartbeats)
            throws InterruptedException {
        try (Capture capture = interruptibly(writer)) {
            pause = FIRST_PAUSE;
            long millis = heartbeatInterval.toMillis();
            ScheduledFuture<?> heartbeat =
                    heartbeats.scheduleAtFixedRate(this::heartbeat, 0, millis, TimeUnit.MILLISECONDS);
            try {
                stream(log, writer, capture);
            } catch (TidemarkException e) {
                if (e.kind() == TidemarkException.Kind.STREAM_LOST) {
                    // What came before belongs to the epoch that ends.
                    log.commit();
                }
                throw e;
            } finally {
                heartbeat.cancel(true);
            }
        }
    }

    /** An initial copy takes long; {@link #stop} interrupts it. */
    private Capture interruptibly(ChangeLogWriter writer) {
        opening.set(Thread.currentThread());
        try {
            return open(writer);
        } finally {
            opening.set(null);
        }
    }

    private Capture open(ChangeLogWriter writer) {
        Optional<ResumePoint> end = ChangeLogTail.read(kafka, topics);
        LogState state = ChangeLogTail.state(kafka, topics);
        Optional<SourceSchema> schema = state.schema();
        Optional<String> obstacle = end.map(e -> obstacle(e, state)).orElse(Optional.of(reasonForFirst()));
        if (end.isPresent() && schema.isPresent() && obstacle.isEmpty()) {
            writer.resumeAt(end.get());
            LOG.info(
                    "capture of {} goes on behind {}",
                    topics.source(),
                    end.get().coordinate());
            return source.resume(end.get(), schema.get(), writer);
        }
        int epoch = Math.max(archive.nextEpoch(), end.map(e -> e.epoch() + 1).orElse(0));
        String reason = obstacle.orElse("");
        LOG.info("initial copy of {} begins, epoch {}: {}", topics.source(), epoch, reason);
        writer.beginEpoch(epoch, reason, archive.repository());
        lost = Optional.empty();
        return source.begin(
                writer,
                (collection, rows, done, total) -> LOG.info(
                        "initial copy of {}: {} rows of {}, piece {} of {}",
                        topics.source(),
                        rows,
                        collection,
                        done,
                        total));
    }

    private Optional<String> obstacle(ResumePoint end, LogState state) {
        if (lost.isPresent()) {
            return lost;
        }
        if (!state.repository().equals(Optional.of(archive.repository()))) {
            return Optional.of("the change log belongs to another repository");
        }
        if (!end.isCopied()) {
            return Optional.of("the initial copy was not finished");
        }
        return state.schema().isPresent()
                ? source.obstacle(end)
                : Optional.of("the schema at the end of the change log is not known, Kafka's data was lost in part");
    }

    private String reasonForFirst() {
        return archive.nextEpoch() == 0 ? "the source is new" : "the change log is empty, Kafka's data was lost";
    }

    private void stream(ChangeLogProducer log, ChangeLogWriter writer, Capture capture) throws InterruptedException {
        while (!stopped.get()) {
            step(log, capture);
        }
        drain(log, writer, capture);
        writer.sealHere("stop");
        log.takeCommittedResume().ifPresent(capture::confirm);
    }

    /** Goes on until everything committed before the stop is captured, if the source lets it. */
    private void drain(ChangeLogProducer log, ChangeLogWriter writer, Capture capture) throws InterruptedException {
        String id = "stop-" + UUID.randomUUID();
        try {
            source.requestSeal(id);
            long deadline = System.nanoTime() + DRAIN_PATIENCE.toNanos();
            while (!writer.lastSeal().equals(id) && System.nanoTime() < deadline) {
                step(log, capture);
            }
        } catch (TidemarkException e) {
            if (e.kind() != TidemarkException.Kind.TRANSIENT) {
                throw e;
            }
            LOG.warn("{} stops at what is captured so far: {}", topics.source(), e.getMessage());
        }
    }

    private static void step(ChangeLogProducer log, Capture capture) throws InterruptedException {
        boolean any = capture.poll();
        log.commitIfDue();
        log.takeCommittedResume().ifPresent(capture::confirm);
        if (!any) {
            TimeUnit.NANOSECONDS.sleep(IDLE_NANOS);
        }
    }

    private void heartbeat() {
        try {
            source.heartbeat();
        } catch (TidemarkException e) {
            LOG.warn("no heartbeat in {}: {}", topics.source(), e.getMessage());
        }
    }

    /** Ends {@link #run} soon. Safe from any thread. */
    public void stop() {
        stopped.set(true);
        Thread copying = opening.getAndSet(null);
        if (copying != null) {
            copying.interrupt();
        }
    }
}

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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures one source: opens the change log, goes on where it ends, and ends itself with the first failure. It can run
 * again then, in just the same way; there is no state to repair.
 */
public final class IngestWorker {
    /** What a worker does while it reads everything that the source holds. */
    public static final String COPYING = "copying";
    /** What a worker does while it follows the source's changes. */
    public static final String CAPTURING = "capturing";

    private static final Logger LOG = LoggerFactory.getLogger(IngestWorker.class);
    private static final long IDLE_NANOS = 2_000_000;
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(10);

    private final KafkaSettings kafka;
    private final Topics topics;
    private final SchemaRegistry registry;
    private final Source source;
    private final Duration heartbeatInterval;
    private final Archive archive;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<@Nullable Thread> opening = new AtomicReference<>();
    private Optional<String> lost = Optional.empty();
    private String failure = "";

    /**
     * @param source is closed when a run ends, and opens again by itself
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
     * Captures until {@link #stop()}, then asks for a last cut so that everything captured reaches the repository. May be
     * called again after a failure.
     *
     * @param doing is told what it does: {@link #COPYING} or {@link #CAPTURING}
     * @throws TidemarkException why it cannot go on; of kind STREAM_LOST if the next run begins anew, of kind FENCED if
     *     another process has taken over
     */
    public void run(Consumer<String> doing) throws InterruptedException {
        ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "heartbeat-" + topics.source());
            thread.setDaemon(true);
            return thread;
        });
        try (source;
                ChangeLogProducer log = new ChangeLogProducer(kafka, topics)) {
            session(log, new ChangeLogWriter(log, topics, registry), heartbeats, doing);
        } catch (TidemarkException e) {
            if (e.kind() == TidemarkException.Kind.STREAM_LOST) {
                lost = Optional.of(String.valueOf(e.getMessage()));
            }
            failure = ": " + e.getMessage();
            throw e;
        } finally {
            heartbeats.shutdownNow();
        }
    }

    private void session(
            ChangeLogProducer log, ChangeLogWriter writer, ScheduledExecutorService heartbeats, Consumer<String> doing)
            throws InterruptedException {
        try (Capture capture = interruptibly(writer, doing)) {
            doing.accept(CAPTURING);
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
    private Capture interruptibly(ChangeLogWriter writer, Consumer<String> doing) {
        opening.set(Thread.currentThread());
        try {
            return open(writer, doing);
        } finally {
            opening.set(null);
        }
    }

    private Capture open(ChangeLogWriter writer, Consumer<String> doing) {
        if (archive.isRemoved()) {
            throw TidemarkException.permanent("the source " + topics.source()
                    + " was removed from the repository elsewhere; remove it here too, or add it again");
        }
        source.owner().filter(owner -> !owner.equals(archive.repository())).ifPresent(owner -> {
            throw TidemarkException.permanent(
                    "the capture '" + topics.source() + "' in the database belongs to repository " + owner
                            + "; add the source under another name, or take it over with 'tidemark source add --take-over'");
        });
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
        doing.accept(COPYING);
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
            return Optional.of("the initial copy was not finished" + failure);
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

package io.tidemark.ingest.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * One run of a Debezium connector in this process. Batches are handed over one by one, so that a slow reader slows the
 * connector. {@link #poll} and {@link #close} are for one thread.
 */
public final class EngineRun implements AutoCloseable {
    private static final int BATCHES_AHEAD = 2;
    private static final long PATIENCE_SECONDS = 20;

    private final String name;
    private final BlockingQueue<List<SourceRecord>> batches = new ArrayBlockingQueue<>(BATCHES_AHEAD);
    private final AtomicReference<@Nullable Throwable> ended = new AtomicReference<>();
    private final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
    private final Thread thread;
    private volatile boolean closing;

    private EngineRun(String name, Properties properties) {
        this.name = name;
        engine = DebeziumEngine.create(Connect.class)
                .using(properties)
                .using(EngineRun.class.getClassLoader())
                .notifying((records, committer) -> {
                    batches.put(records.stream().map(ChangeEvent::value).toList());
                    committer.markBatchFinished();
                })
                .using((success, message, failure) ->
                        ended.compareAndSet(null, failure == null ? new IOException(message) : failure))
                .build();
        thread = new Thread(engine, "debezium-" + name);
        thread.setDaemon(true);
    }

    /**
     * Starts a connector.
     *
     * @param name of the source, for messages
     * @param connector its class
     * @param settings what it wants to know, where to begin included
     */
    public static EngineRun start(String name, Class<?> connector, Map<String, String> settings) {
        Properties properties = new Properties();
        properties.setProperty("name", "tidemark-" + name);
        properties.setProperty("connector.class", connector.getName());
        // Where the source goes on is in the change log; what the engine would keep besides is forgotten with it.
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        properties.setProperty("offset.flush.interval.ms", "60000");
        // Asked for and never used: nothing of the engine's goes to a broker.
        properties.setProperty("bootstrap.servers", "none:1");
        properties.setProperty("errors.max.retries", "0");
        settings.forEach(properties::setProperty);
        EngineRun run = new EngineRun(name, properties);
        run.thread.start();
        return run;
    }

    /**
     * The next batch, if one has arrived.
     *
     * @throws TidemarkException of kind TRANSIENT if the connector has ended
     */
    public Optional<List<SourceRecord>> poll() {
        List<SourceRecord> batch = batches.poll();
        if (batch != null) {
            return Optional.of(batch);
        }
        Throwable failure = ended.get();
        if (failure != null) {
            throw TidemarkException.transientFailure(
                    "the capture of " + name + " ended: " + reason(failure), asException(failure));
        }
        return Optional.empty();
    }

    /** The innermost sentence is the one that tells something. */
    private static String reason(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null && innermost.getCause() != innermost) {
            innermost = innermost.getCause();
        }
        return String.valueOf(innermost.getMessage()).replaceAll("\\s*\\n\\s*", "; ");
    }

    private static Exception asException(Throwable failure) {
        return failure instanceof Exception exception ? exception : new IllegalStateException(failure);
    }

    /** Ends the connector and waits until it has. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        Thread closer = new Thread(this::closeEngine, "debezium-close-" + name);
        closer.setDaemon(true);
        closer.start();
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while ((closer.isAlive() || thread.isAlive()) && System.nanoTime() < deadline) {
                // A batch that waits to be taken would hold the engine up.
                batches.clear();
                closer.join(20);
                thread.join(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeEngine() {
        try {
            engine.close();
        } catch (IOException | IllegalStateException e) {
            ended.compareAndSet(null, e);
        }
    }
}

package io.tidemark.pipeline;

import io.tidemark.model.TidemarkException;
import io.tidemark.plan.Announcement;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.SnapshotRequest;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Kafka Streams job of one source: one of {@link #planner} and {@link #audit}. Runs once. */
public final class StreamsJob {
    /** The job that plans; its consumer group reads the change log. */
    public static final String PLANNER = "planner";
    /** The job that feeds the audit topics; its consumer group reads the change log. */
    public static final String AUDIT = "audit";

    private static final Logger LOG = LoggerFactory.getLogger(StreamsJob.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final KafkaStreams streams;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private StreamsJob(String name, Topics topics, PipelineSettings settings, Topology topology) {
        this.name = name + " of " + topics.source();
        streams = new KafkaStreams(topology, config(topics.group(name), settings));
        streams.setUncaughtExceptionHandler(error -> {
            failure.compareAndSet(null, error);
            ended.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    }

    /** The job that plans segments, snapshots and compactions. */
    public static StreamsJob planner(Topics topics, PipelineSettings settings) {
        return new StreamsJob(PLANNER, topics, settings, plans(topics, settings));
    }

    /** The job that feeds the audit topics. */
    public static StreamsJob audit(Topics topics, PipelineSettings settings, SchemaRegistry registry) {
        return new StreamsJob(AUDIT, topics, settings, routes(topics, settings, registry));
    }

    /**
     * Runs until {@link #stop()}, or until the job fails. Who comes next need not wait for a session's end.
     *
     * @param doing is told that records are taken
     * @throws TidemarkException why the job ended; of kind FENCED if another process has taken over
     */
    public void run(Consumer<String> doing) throws InterruptedException {
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                doing.accept("running");
            }
        });
        try {
            streams.start();
            ended.await();
        } finally {
            CloseOptions leaving = CloseOptions.timeout(CLOSE_PATIENCE)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            if (!streams.close(leaving)) {
                LOG.warn("the {} did not end in {}", name, CLOSE_PATIENCE);
            }
        }
        Throwable error = failure.get();
        if (error != null) {
            throw failed(error);
        }
    }

    private TidemarkException failed(Throwable error) {
        Throwable root = error;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof FencedInstanceIdException) {
                return new TidemarkException(
                        TidemarkException.Kind.FENCED,
                        "another process with a copy of this one's data directory has taken over the " + name
                                + "; this one ends",
                        error);
            }
            root = cause;
        }
        return TidemarkException.transientFailure("the " + name + " failed: " + root.getMessage(), error);
    }

    /** Ends {@link #run} soon. Safe from any thread. */
    public void stop() {
        ended.countDown();
    }

    static Topology plans(Topics topics, PipelineSettings settings) {
        Topology topology = new Topology();
        topology.addSource(
                "changes", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), topics.changes());
        topology.addProcessor("plan-segments", () -> new SegmentPlanner(topics.source(), settings), "changes");
        topology.addStateStore(store(SegmentPlanner.STORE, OpenSegment.class), "plan-segments");
        topology.addSink(
                "segments",
                topics.segments(),
                Serdes.String().serializer(),
                JsonSerde.of(SegmentPlan.class).serializer(),
                "plan-segments");
        topology.addSource(
                "commits",
                Serdes.String().deserializer(),
                JsonSerde.of(Announcement.class).deserializer(),
                topics.commits());
        topology.addProcessor("plan-snapshots", () -> new SnapshotPlanner(topics.source(), settings), "commits");
        topology.addStateStore(store(SnapshotPlanner.STORE, SnapshotPlanner.Policy.class), "plan-snapshots");
        topology.addSink(
                "snapshots",
                topics.snapshots(),
                Serdes.String().serializer(),
                JsonSerde.of(SnapshotRequest.class).serializer(),
                "plan-snapshots");
        topology.addProcessor("plan-compactions", () -> new CompactionPlanner(topics.source(), settings), "commits");
        topology.addStateStore(store(CompactionPlanner.STORE, OpenTiers.class), "plan-compactions");
        topology.addSink(
                "compactions",
                topics.compactions(),
                Serdes.String().serializer(),
                JsonSerde.of(CompactionPlan.class).serializer(),
                "plan-compactions");
        return topology;
    }

    private static Topology routes(Topics topics, PipelineSettings settings, SchemaRegistry registry) {
        Topology topology = new Topology();
        topology.addSource(
                "changes", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), topics.changes());
        topology.addProcessor("route", () -> new AuditRouter(topics, settings, registry), "changes");
        topology.addSink(
                "audit-topics",
                (AuditRouter.Key key, byte[] value, org.apache.kafka.streams.processor.RecordContext context) ->
                        key.topic(),
                (topic, key) -> key.bytes(),
                Serdes.ByteArray().serializer(),
                "route");
        return topology;
    }

    /** In memory, with its changes in a Kafka topic; the cache keeps that to one record a commit. */
    private static <T> StoreBuilder<KeyValueStore<String, T>> store(String name, Class<T> type) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), JsonSerde.of(type))
                .withCachingEnabled();
    }

    private static Properties config(String group, PipelineSettings settings) {
        Properties config = new Properties();
        config.putAll(settings.kafka().common());
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, group);
        config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        config.put(StreamsConfig.POLL_MS_CONFIG, 50);
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 1 << 20);
        // A record may be close to 1 MiB; these bound what is buffered.
        config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 40);
        config.put(StreamsConfig.mainConsumerPrefix("max.poll.records"), 40);
        config.put(StreamsConfig.mainConsumerPrefix("fetch.max.bytes"), 4 << 20);
        config.put(StreamsConfig.mainConsumerPrefix("max.partition.fetch.bytes"), 4 << 20);
        config.put(StreamsConfig.mainConsumerPrefix("auto.offset.reset"), "earliest");
        config.put(StreamsConfig.mainConsumerPrefix("group.instance.id"), settings.instance());
        config.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 10_000);
        config.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 2_000);
        config.put(StreamsConfig.producerPrefix("linger.ms"), 5);
        config.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
        return config;
    }
}

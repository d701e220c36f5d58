package io.tidemark.pipeline;

import io.tidemark.plan.Announcement;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.SnapshotRequest;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Kafka Streams jobs of one source. Starts on {@link #start()}, ends on {@link #close()}. */
public final class Pipeline implements AutoCloseable {
    /** The job that plans; its consumer group reads the change log. */
    public static final String PLANNER = "planner";
    /** The job that feeds the audit topics; its consumer group reads the change log. */
    public static final String AUDIT = "audit";

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);

    private final Topics topics;
    private final PipelineSettings settings;
    private final List<KafkaStreams> jobs = new ArrayList<>();

    /**
     * @param onFailure is told when a job ended for good
     */
    public Pipeline(Topics topics, PipelineSettings settings, SchemaRegistry registry, Consumer<Throwable> onFailure) {
        this.topics = topics;
        this.settings = settings;
        jobs.add(job(PLANNER, planner(topics, settings), onFailure));
        if (settings.audit()) {
            jobs.add(job(AUDIT, audit(registry), onFailure));
        }
    }

    public void start() {
        jobs.forEach(KafkaStreams::start);
    }

    /** Who comes next need not wait for a session's end. */
    @Override
    public void close() {
        CloseOptions leaving = CloseOptions.timeout(CLOSE_PATIENCE)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        for (KafkaStreams job : jobs) {
            if (!job.close(leaving)) {
                LOG.warn("a Kafka Streams job of {} did not end in {}", topics.source(), CLOSE_PATIENCE);
            }
        }
    }

    static Topology planner(Topics topics, PipelineSettings settings) {
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

    private Topology audit(SchemaRegistry registry) {
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

    private KafkaStreams job(String name, Topology topology, Consumer<Throwable> onFailure) {
        Properties config = new Properties();
        config.putAll(settings.kafka().common());
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, topics.group(name));
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
        KafkaStreams streams = new KafkaStreams(topology, config);
        streams.setUncaughtExceptionHandler(error -> {
            LOG.error("job {} of {} failed", name, topics.source(), error);
            onFailure.accept(error);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        return streams;
    }
}

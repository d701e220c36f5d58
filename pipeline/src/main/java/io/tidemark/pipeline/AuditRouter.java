package io.tidemark.pipeline;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Op;
import io.tidemark.model.RowKey;
import io.tidemark.model.RowSchema;
import io.tidemark.wire.AuditSchema;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchReader;
import io.tidemark.wire.ConfluentFrame;
import io.tidemark.wire.FragmentJoiner;
import io.tidemark.wire.Fragments;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Routes every change to the audit topic of its table, keyed by primary key, in Confluent wire format. Rows of the
 * initial copy are left out: they are not changes. The bytes of rows are passed on as they are; what is larger than a
 * record should be is split, as in the change log.
 */
final class AuditRouter implements Processor<byte[], byte[], AuditRouter.Key, byte[]> {
    /** A record's key with the topic it goes to. */
    record Key(String topic, byte[] bytes) {}

    private record Route(String topic, RowKey keys, int keySchemaId, int valueSchemaId) {}

    private final Topics topics;
    private final PipelineSettings settings;
    private final SchemaRegistry registry;
    private final Map<Integer, Route> routes = new HashMap<>();
    private final FragmentJoiner joiner = new FragmentJoiner();
    private final BatchReader reader = new BatchReader();
    private final ByteSink key = new ByteSink(64);
    private final ByteSink value = new ByteSink(1024);
    private @Nullable ProcessorContext<Key, byte[]> context;

    AuditRouter(Topics topics, PipelineSettings settings, SchemaRegistry registry) {
        this.topics = topics;
        this.settings = settings;
        this.registry = registry;
    }

    @Override
    public void init(ProcessorContext<Key, byte[]> processorContext) {
        context = processorContext;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Optional<byte[]> batch = joiner.offer(record.value(), record.headers());
        if (batch.isEmpty() || context == null) {
            return;
        }
        BatchHeader header = reader.open(batch.get());
        if (header.kind() != BatchHeader.Kind.TRANSACTION) {
            return;
        }
        long offset = context.recordMetadata().orElseThrow().offset();
        for (int index = 0; reader.next(); index++) {
            Route route = routes.computeIfAbsent(reader.schemaId(), this::route);
            if (!route.topic().isEmpty()) {
                forward(context, record, header, offset, index, route);
            }
        }
    }

    private void forward(
            ProcessorContext<Key, byte[]> target,
            Record<byte[], byte[]> record,
            BatchHeader header,
            long offset,
            int index,
            Route route) {
        key.clear();
        ConfluentFrame.writeHeader(route.keySchemaId(), key);
        if (reader.op() != Op.TRUNCATE) {
            route.keys()
                    .toAvro(reader.array(), reader.key().start(), reader.key().length(), key);
        }
        value.clear();
        ConfluentFrame.writeHeader(route.valueSchemaId(), value);
        value.writeLong(reader.op().ordinal());
        value.writeLong(header.epoch());
        value.writeLong(offset);
        value.writeLong(index);
        value.writeBytes(header.transaction().getBytes(StandardCharsets.UTF_8));
        value.writeBytes(header.coordinate().getBytes(StandardCharsets.UTF_8));
        value.writeLong(header.committedAtMicros());
        writeRow(reader.before());
        writeRow(reader.after());
        byte[] keyBytes = reader.op() == Op.TRUNCATE ? new byte[0] : key.toByteArray();
        for (Fragments.Fragment fragment : Fragments.split(value.toByteArray())) {
            target.forward(record.withKey(new Key(route.topic(), keyBytes))
                    .withValue(fragment.value())
                    .withHeaders(new RecordHeaders(fragment.headers())));
        }
    }

    private void writeRow(BatchReader.Span row) {
        if (row.isPresent()) {
            value.writeByte(2);
            value.write(reader.array(), row.start(), row.length());
        } else {
            value.writeByte(0);
        }
    }

    private Route route(int schemaId) {
        RowSchema rows = RowSchema.fromAvro(registry.schema(schemaId));
        if (rows.collection().isSystem()) {
            return new Route("", new RowKey(rows), 0, 0);
        }
        String topic = topics.audit(rows.collection());
        KafkaSettings kafka = settings.kafka();
        try (Admin admin = kafka.admin()) {
            NewTopic created = new NewTopic(topic, Optional.of(1), Optional.empty())
                    .configs(Map.of(
                            "retention.ms",
                            Long.toString(settings.auditRetention().toMillis())));
            kafka.createTopics(admin, List.of(created));
        }
        return new Route(
                topic,
                new RowKey(rows),
                registry.register(topic + "-key", AuditSchema.key(rows)),
                registry.register(topic + "-value", AuditSchema.value(rows)));
    }
}

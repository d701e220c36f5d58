package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.embedded.EmbeddedKafka;
import io.tidemark.app.embedded.EmbeddedRegistry;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.runtime.Service;
import io.tidemark.model.CollectionName;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.registry.Apicurio;
import io.tidemark.wire.ConfluentFrame;
import io.tidemark.wire.HttpSchemaRegistry;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SchemaRegistry;
import io.tidemark.wire.Topics;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The registry protocol, against our own registry and against one that others wrote; and audit topics read through it. */
@Tag("full")
class RegistryTest {
    private static final Schema ONE = new Schema.Parser()
            .parse("{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}");
    private static final Schema TWO = new Schema.Parser()
            .parse("{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"y\",\"type\":\"string\"}]}");

    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");

    private static int speaksTheProtocol(URI url) {
        SchemaRegistry first = new HttpSchemaRegistry(url);
        int one = first.register("tidemark.s.rows.Odd Näme.\"q\"", ONE);
        int two = first.register("tidemark.s.rows.Odd Näme.\"q\"", TWO);
        SchemaRegistry second = new HttpSchemaRegistry(url);

        assertThat(two).isNotEqualTo(one);
        assertThat(second.register("tidemark.s.rows.Odd Näme.\"q\"", ONE)).isEqualTo(one);
        assertThat(second.schema(one)).isEqualTo(ONE);
        assertThat(second.schema(two)).isEqualTo(TWO);
        return one;
    }

    @Test
    void ourRegistrySpeaksTheProtocolAndKeepsSchemasOverARestart() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(testbed.resolve("kafka"), 0)) {
            KafkaSettings settings = new KafkaSettings(kafka.bootstrapServers(), Map.of());
            int id;
            try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings, 0)) {
                id = speaksTheProtocol(registry.url());
            }
            try (EmbeddedRegistry registry = EmbeddedRegistry.start(settings, 0)) {
                assertThat(new HttpSchemaRegistry(registry.url()).schema(id)).isEqualTo(ONE);
            }
        }
    }

    @Test
    void apicurioSpeaksTheProtocol() throws Exception {
        Optional<Apicurio> installed = Apicurio.start(testbed.resolve("apicurio"));
        Assumptions.assumeTrue(installed.isPresent(), "Apicurio's distribution or a Java 21 to run it is not here");
        try (Apicurio apicurio = installed.orElseThrow()) {
            speaksTheProtocol(apicurio.url());
        }
    }

    @Test
    void auditTopicsAreReadByAnyConfluentDeserializer() throws Exception {
        Installation tidemark = Installation.in(testbed).set(Key.AUDIT_ENABLED.text(), "true");
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(
                shop, "CREATE TABLE item (id int PRIMARY KEY, name text)", "INSERT INTO item VALUES (1, 'copied')");
        tidemark.withSource(shop, server.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            server.execute(
                    shop,
                    "INSERT INTO item VALUES (2, 'new')",
                    "UPDATE item SET name = 'other' WHERE id = 1",
                    "DELETE FROM item WHERE id = 2");

            List<GenericRecord> changes = read(tidemark.configuration(), 3);

            assertThat(changes.stream().map(c -> c.get("op").toString())).containsExactly("INSERT", "UPDATE", "DELETE");
            assertThat(((GenericRecord) changes.get(1).get("after")).get("name"))
                    .hasToString("other");
            assertThat((Long) changes.get(0).get("committedAt")).isPositive();
        }
    }

    private List<GenericRecord> read(Configuration configuration, int count) throws Exception {
        SchemaRegistry registry = new HttpSchemaRegistry(URI.create(configuration.text(Key.REGISTRY_URL)));
        KafkaSettings settings = new KafkaSettings(configuration.text(Key.KAFKA_BOOTSTRAP_SERVERS), Map.of());
        TopicPartition topic = new TopicPartition(new Topics(shop).audit(new CollectionName("public", "item")), 0);
        List<GenericRecord> changes = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = settings.consumer(Map.of())) {
            consumer.assign(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (changes.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    assertThat(decode(registry, record.key()).get("id")).isInstanceOf(Integer.class);
                    changes.add(decode(registry, record.value()));
                }
            }
        }
        return changes;
    }

    /** What a Confluent deserializer does. */
    private static GenericRecord decode(SchemaRegistry registry, byte[] record) throws Exception {
        Schema schema = registry.schema(ConfluentFrame.schemaId(record));
        return new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(record, 5, record.length - 5, null));
    }
}

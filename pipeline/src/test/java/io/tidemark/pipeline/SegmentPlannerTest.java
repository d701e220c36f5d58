package io.tidemark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.ByteSink;
import io.tidemark.model.Json;
import io.tidemark.model.Op;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.wire.BatchBuilder;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchHeader.Kind;
import io.tidemark.wire.Fragments;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the planner cuts: by size, by age, on request, where an epoch begins; never within a batch, never for nothing. */
class SegmentPlannerTest {
    private static final Topics TOPICS = new Topics("shop");
    private static final PipelineSettings SETTINGS = new PipelineSettings(
            new KafkaSettings("none:1", Map.of()),
            "instance",
            Path.of("target/streams"),
            10_000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ZERO,
            0,
            Optional.empty(),
            0,
            0,
            false,
            Duration.ofDays(1));

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> changes;
    private TestOutputTopic<byte[], byte[]> plans;

    @BeforeEach
    void open() {
        Properties config = new Properties();
        config.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        config.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        driver = new TopologyTestDriver(StreamsJob.plans(TOPICS, SETTINGS), config, Instant.ofEpochMilli(0));
        changes = driver.createInputTopic(TOPICS.changes(), new ByteArraySerializer(), new ByteArraySerializer());
        plans = driver.createOutputTopic(TOPICS.segments(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private static byte[] batch(int epoch, Kind kind, int count, int rowBytes, boolean last, String note, long time) {
        BatchBuilder builder = new BatchBuilder(1);
        ByteSink row = new ByteSink(rowBytes);
        row.write(new byte[rowBytes]);
        for (int i = 0; i < count; i++) {
            builder.add(Op.INSERT, 1, new ByteSink(0), null, null, row);
        }
        return builder.build(new BatchHeader(epoch, kind, "x", "0/1", "0/2", time, 0, last, count, note));
    }

    private void send(byte[] batch) {
        for (Fragments.Fragment fragment : Fragments.split(batch)) {
            changes.pipeInput(new TestRecord<>(null, fragment.value(), new RecordHeaders(fragment.headers())));
        }
    }

    private List<SegmentPlan> plans() {
        List<SegmentPlan> read = new ArrayList<>();
        plans.readValuesToList().forEach(json -> read.add(Json.read(json, SegmentPlan.class, "plan")));
        return read;
    }

    @Test
    void cutsBySizeAndTheNextSegmentBeginsRightBehind() {
        for (int i = 0; i < 25; i++) {
            send(batch(0, Kind.TRANSACTION, 1, 1000, true, "", i));
        }

        List<SegmentPlan> cut = plans();

        assertThat(cut).hasSize(2).allMatch(p -> p.reason() == SegmentPlan.Reason.SIZE);
        assertThat(cut.get(0).stretch().after()).isEqualTo(-1);
        assertThat(cut.get(1).stretch().after()).isEqualTo(cut.get(0).stretch().through());
        assertThat(cut.get(0).stretch().lastEnd().orElseThrow().committedAtMicros())
                .isEqualTo(cut.get(0).stretch().through());
    }

    @Test
    void cutsByAgeOfTheFirstChangeAndOnlyThen() {
        send(batch(0, Kind.TRANSACTION, 1, 10, true, "", 1));
        driver.advanceWallClockTime(Duration.ofMillis(4900));
        assertThat(plans()).isEmpty();

        driver.advanceWallClockTime(Duration.ofMillis(200));

        assertThat(plans()).singleElement().matches(p -> p.reason() == SegmentPlan.Reason.AGE && !p.idle());
        driver.advanceWallClockTime(Duration.ofMinutes(5));
        assertThat(plans()).as("no segment for nothing").isEmpty();
    }

    /** Its reason is archived with it; a copy may take long to bring its first rows. */
    @Test
    void anEpochsBeginningIsArchivedThoughNothingFollowsItYet() {
        send(batch(1, Kind.EPOCH, 0, 0, false, "the slot is gone", 0));
        driver.advanceWallClockTime(Duration.ofSeconds(6));

        assertThat(plans()).singleElement().matches(p -> p.stretch().epoch() == 1 && !p.idle());
    }

    @Test
    void theEndOfATransactionThatBeganBeforeTheCutIsNoIdleTime() {
        send(batch(0, Kind.TRANSACTION, 1, 10, false, "", 1));
        driver.advanceWallClockTime(Duration.ofSeconds(6));
        send(batch(0, Kind.TRANSACTION, 0, 0, true, "", 1));
        send(batch(0, Kind.TRANSACTION, 0, 0, true, "", 2));
        driver.advanceWallClockTime(Duration.ofSeconds(6));
        send(batch(0, Kind.TRANSACTION, 0, 0, true, "", 3));
        driver.advanceWallClockTime(Duration.ofSeconds(31));

        assertThat(plans()).extracting(SegmentPlan::idle).containsExactly(false, false, true);
    }

    @Test
    void timeThatGoesByMovesTheHorizonOnlyNowAndThen() {
        for (int i = 0; i < 10; i++) {
            send(batch(0, Kind.TRANSACTION, 0, 0, true, "", i));
            driver.advanceWallClockTime(Duration.ofSeconds(4));
        }

        assertThat(plans()).singleElement().matches(SegmentPlan::idle);
    }

    @Test
    void cutsBehindARequest() {
        send(batch(0, Kind.TRANSACTION, 1, 10, false, "", 1));
        send(batch(0, Kind.TRANSACTION, 0, 0, true, "a,b", 1));

        assertThat(plans()).singleElement().satisfies(p -> {
            assertThat(p.seals()).containsExactly("a", "b");
            assertThat(p.stretch().changes()).isEqualTo(1);
        });
    }

    @Test
    void neverCutsWithinABatch() {
        byte[] large = batch(0, Kind.TRANSACTION, 1, 2 * Fragments.MAX_RECORD_BYTES, true, "", 9);
        List<Fragments.Fragment> fragments = Fragments.split(large);
        send(batch(0, Kind.TRANSACTION, 1, 10, true, "", 1));
        for (Fragments.Fragment fragment : fragments.subList(0, 2)) {
            changes.pipeInput(new TestRecord<>(null, fragment.value(), new RecordHeaders(fragment.headers())));
            driver.advanceWallClockTime(Duration.ofSeconds(20));
        }
        assertThat(plans()).isEmpty();
        changes.pipeInput(new TestRecord<>(
                null,
                fragments.get(2).value(),
                new RecordHeaders(fragments.get(2).headers())));

        assertThat(plans()).singleElement().satisfies(p -> {
            assertThat(p.stretch().through()).isEqualTo(3);
            assertThat(p.stretch().changes()).isEqualTo(2);
            assertThat(p.stretch().lastEnd().orElseThrow().at().offset()).isEqualTo(3);
        });
    }

    @Test
    void aNewEpochClosesTheSegmentOfTheOldOne() {
        send(batch(0, Kind.TRANSACTION, 1, 10, true, "", 1));
        send(batch(1, Kind.EPOCH, 0, 0, false, "why", 0));
        send(batch(1, Kind.COPY, 1, 10, true, "", 2));
        driver.advanceWallClockTime(Duration.ofSeconds(6));

        List<SegmentPlan> cut = plans();

        assertThat(cut).hasSize(2);
        assertThat(cut.get(0).reason()).isEqualTo(SegmentPlan.Reason.EPOCH);
        assertThat(cut.get(0).stretch().epoch()).isZero();
        assertThat(cut.get(1).stretch().epoch()).isEqualTo(1);
        assertThat(cut.get(1).stretch().after()).isZero();
        assertThat(cut.get(1).stretch().copyEnd()).isPresent();
    }
}

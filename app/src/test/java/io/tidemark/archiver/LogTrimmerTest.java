package io.tidemark.archiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.fixture.Installation;
import io.tidemark.model.Json;
import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.wire.KafkaSettings;
import io.tidemark.wire.SourceTopics;
import io.tidemark.wire.Topics;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Plans wait in several partitions, for workers that are slow in any order; whatever comes first, nothing is trimmed too early. */
@Tag("full")
class LogTrimmerTest {
    private static final int STEPS = 80;
    private static final int PARTITIONS = 4;
    private static final String PLANNER = "planner";

    @RegisterExtension
    final Testbed testbed = new Testbed();

    @Test
    void neverTrimsWhatIsPlannedAndNotArchived() throws Exception {
        try (Model model = new Model(testbed);
                LogTrimmer trimmer = model.trimmer()) {
            model.plan(true);
            for (int step = 0; step < STEPS; step++) {
                model.step();
                trimmer.trim();
                assertThat(model.begin()).isLessThanOrEqualTo(model.firstOpen());
            }
            model.finish();
            trimmer.trim();

            assertThat(model.begin()).isEqualTo(model.lastArchived()).isPositive();
        }
    }

    /** The end of an epoch is planned before the next one, but Kafka may show it later. */
    @Test
    void seesThePlanThatKafkaDoesNotShowYet() throws Exception {
        try (Model model = new Model(testbed);
                LogTrimmer trimmer = model.trimmer()) {
            model.plan(true);
            model.archiveAll();
            model.plan(false);
            model.beginEpoch();
            model.plan(true);
            model.plan(true);
            model.archiveLast(2);
            trimmer.trim();

            assertThat(model.begin()).isLessThanOrEqualTo(model.firstOpen());
        }
    }

    /** A plan and its place in its partition. */
    private record Plan(Stretch stretch, TopicPartition partition, long offset) {}

    /** A log, its plans, and what is archived. */
    private static final class Model implements AutoCloseable {
        private final Random random = Seed.random();
        private final Topics topics = new Topics(Names.unique("trimmed"));
        private final TopicPartition log = new TopicPartition(topics.changes(), 0);
        private final List<Deque<Plan>> waiting = new ArrayList<>();
        private final Set<Plan> open = new HashSet<>();
        private final Deque<KafkaProducer<byte[], byte[]>> unfinished = new ArrayDeque<>();
        private final KafkaSettings kafka;
        private final Admin admin;
        private final KafkaProducer<byte[], byte[]> producer;
        private final Catalog catalog;
        private int epoch;
        private long through = -1;
        private int transactions;

        Model(Testbed testbed) {
            kafka = new KafkaSettings(
                    Installation.in(testbed).configuration().text(Key.KAFKA_BOOTSTRAP_SERVERS), Map.of());
            SourceTopics.create(kafka, topics);
            admin = kafka.admin();
            producer = kafka.producer(Map.of());
            FileObjectStore store = new FileObjectStore(testbed.resolve("repo"));
            NewRepository.make(store, Optional.empty());
            catalog = Catalog.load(Repository.open(store, Optional.empty()), Clock.systemUTC());
            catalog.commit(newest -> List.of(new CatalogEntry.SourceAdded(topics.source(), "postgresql")));
            for (int i = 0; i < PARTITIONS; i++) {
                waiting.add(new ArrayDeque<>());
            }
        }

        LogTrimmer trimmer() {
            return new LogTrimmer(kafka, topics, catalog, List.of(topics.group(PLANNER)));
        }

        /** Where the log may begin at the latest. */
        long firstOpen() {
            return open.stream()
                    .mapToLong(plan -> plan.stretch().after() + 1)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }

        /** Where the last archived stretch begins. */
        long lastArchived() {
            return catalog.history(topics.source())
                            .newest()
                            .orElseThrow()
                            .stretch()
                            .after()
                    + 1;
        }

        @Override
        public void close() {
            unfinished.forEach(KafkaProducer::close);
            producer.close();
            admin.close();
        }

        void step() throws Exception {
            int choice = random.nextInt(10);
            if (choice < 4 || open.isEmpty()) {
                if (random.nextInt(8) == 0) {
                    beginEpoch();
                }
                plan(random.nextInt(4) > 0);
            } else if (choice < 5 && !unfinished.isEmpty()) {
                unfinished.removeFirst().commitTransaction();
            } else {
                work(waiting.get(random.nextInt(PARTITIONS)));
            }
        }

        /** Writes a few records and a plan for them; Kafka may tell the end of its transaction much later. */
        void plan(boolean visible) throws Exception {
            long after = through;
            for (int i = random.nextInt(3); i >= 0; i--) {
                through = producer.send(new ProducerRecord<>(topics.changes(), 0, new byte[0], new byte[] {1}))
                        .get()
                        .offset();
            }
            Stretch stretch = new Stretch(
                    epoch,
                    after,
                    through,
                    1,
                    0,
                    0,
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty());
            int partition = random.nextInt(PARTITIONS);
            if (random.nextInt(8) == 0) {
                KafkaProducer<byte[], byte[]> given = transaction();
                write(given, stretch, partition);
                given.abortTransaction();
                given.close();
            }
            KafkaProducer<byte[], byte[]> transaction = transaction();
            long offset = write(transaction, stretch, partition);
            Plan plan = new Plan(stretch, new TopicPartition(topics.segments(), partition), offset);
            waiting.get(partition).add(plan);
            open.add(plan);
            commit(PLANNER, log, through + 1);
            if (visible) {
                transaction.commitTransaction();
                transaction.close();
            } else {
                unfinished.add(transaction);
            }
        }

        private KafkaProducer<byte[], byte[]> transaction() {
            KafkaProducer<byte[], byte[]> transaction = kafka.producer(Map.of(
                    "transactional.id", topics.source() + "-" + transactions++, "transaction.timeout.ms", 900_000));
            transaction.initTransactions();
            transaction.beginTransaction();
            return transaction;
        }

        private long write(KafkaProducer<byte[], byte[]> transaction, Stretch stretch, int partition) throws Exception {
            SegmentPlan plan = new SegmentPlan(topics.source(), stretch, SegmentPlan.Reason.AGE, true, List.of());
            return transaction
                    .send(new ProducerRecord<>(topics.segments(), partition, new byte[0], Json.bytes(plan)))
                    .get()
                    .offset();
        }

        /** Archives the next plan of a partition; now and then the worker dies before it says so. */
        private void work(Deque<Plan> partition) throws Exception {
            Plan plan = partition.peek();
            if (plan == null) {
                return;
            }
            archive(plan);
            if (random.nextInt(3) > 0) {
                partition.remove();
                commit(SegmentWorker.GROUP, plan.partition(), plan.offset() + 1);
            }
        }

        void beginEpoch() {
            epoch++;
        }

        void archiveAll() {
            archiveLast(open.size());
        }

        /** Archives the newest plans, of which no worker tells it yet. */
        void archiveLast(int count) {
            open.stream()
                    .sorted(Comparator.comparing((Plan plan) -> plan.stretch().after())
                            .reversed())
                    .limit(count)
                    .toList()
                    .forEach(this::archive);
        }

        private void archive(Plan plan) {
            catalog.commit(newest -> newest.holds(topics.source(), plan.stretch())
                    ? List.of()
                    : List.of(new CatalogEntry.HorizonMoved(topics.source(), plan.stretch())));
            open.remove(plan);
        }

        void finish() throws Exception {
            unfinished.forEach(KafkaProducer::commitTransaction);
            for (Deque<Plan> partition : waiting) {
                while (!partition.isEmpty()) {
                    work(partition);
                }
            }
        }

        private void commit(String group, TopicPartition partition, long offset) throws Exception {
            admin.alterConsumerGroupOffsets(topics.group(group), Map.of(partition, new OffsetAndMetadata(offset)))
                    .all()
                    .get();
        }

        long begin() throws ExecutionException, InterruptedException {
            return admin.listOffsets(Map.of(log, OffsetSpec.earliest()))
                    .partitionResult(log)
                    .get()
                    .offset();
        }
    }
}

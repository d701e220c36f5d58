package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes JSON plans from a topic as a member of a consumer group and has each carried out before its offset is
 * committed. A plan that fails ends the loop; the next loop of the group begins with it, so that nothing is skipped.
 *
 * @param <P> the plans' type
 */
final class PlanLoop<P> {
    private static final Logger LOG = LoggerFactory.getLogger(PlanLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** Who comes next need not wait for a session's end. */
    private static final CloseOptions LEAVING =
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

    /** Carries out one plan. */
    interface Worker<P> {
        void carryOut(P plan) throws IOException, InterruptedException;
    }

    /**
     * The same work, but damage is told and left alone: it must not end the archiving of what comes.
     *
     * @param what of a source cannot be done then
     */
    static <P> Worker<P> leavingDamage(String what, Worker<P> worker) {
        return plan -> {
            try {
                worker.carryOut(plan);
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                    throw e;
                }
                LOG.error("{}: {}; 'tidemark verify' tells more", what, e.getMessage());
            }
        };
    }

    private final String topic;
    private final Class<P> type;
    private final Worker<P> worker;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AtomicBoolean stopped = new AtomicBoolean();

    PlanLoop(ArchiverSettings settings, String topic, String group, Class<P> type, Worker<P> worker) {
        this.topic = topic;
        this.type = type;
        this.worker = worker;
        consumer = settings.kafka()
                .consumer(Map.of(
                        "group.id",
                        group,
                        "group.instance.id",
                        settings.instance(),
                        "max.poll.records",
                        1,
                        "max.poll.interval.ms",
                        (int) Duration.ofHours(24).toMillis(),
                        "session.timeout.ms",
                        10_000,
                        "heartbeat.interval.ms",
                        2_000));
    }

    /**
     * Runs until {@link #stop()}, or until a plan fails; then closes its consumer.
     *
     * @param doing is told that plans are taken
     * @throws TidemarkException why a plan could not be carried out; of kind FENCED if another process has taken over
     */
    void run(Consumer<String> doing) throws InterruptedException {
        try {
            consumer.subscribe(List.of(topic));
            while (!stopped.get()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                doing.accept("running");
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    carryOut(record);
                    consumer.commitSync(Map.of(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1)));
                }
            }
        } catch (WakeupException e) {
            if (!stopped.get()) {
                throw e;
            }
        } catch (FencedInstanceIdException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.FENCED,
                    "another process with a copy of this one's data directory has taken over " + topic
                            + "; this one ends",
                    e);
        } finally {
            consumer.close(LEAVING);
        }
    }

    private void carryOut(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        try {
            worker.carryOut(Json.read(record.value(), type, "a plan in " + topic));
        } catch (IOException e) {
            throw TidemarkException.transientFailure("a plan from " + topic + " failed: " + e, e);
        }
    }

    boolean isStopped() {
        return stopped.get();
    }

    /** Ends {@link #run} soon. Safe from any thread. */
    void stop() {
        stopped.set(true);
        consumer.wakeup();
    }
}

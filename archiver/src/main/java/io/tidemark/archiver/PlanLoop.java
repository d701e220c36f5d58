package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes JSON plans from a topic as a member of a consumer group and has each carried out before its offset is
 * committed. A plan that fails for a passing reason is tried again until it succeeds, with growing pauses; nothing is skipped.
 *
 * @param <P> the plans' type
 */
final class PlanLoop<P> {
    private static final Logger LOG = LoggerFactory.getLogger(PlanLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** Who comes next need not wait for a session's end. */
    private static final CloseOptions LEAVING =
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

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

    /** Runs until {@link #stop()}; then closes its consumer. */
    void run() throws InterruptedException {
        try {
            consumer.subscribe(List.of(topic));
            while (!stopped.get()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    P plan = Json.read(record.value(), type, "a plan in " + topic);
                    if (!carriedOut(plan)) {
                        return;
                    }
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

    private boolean carriedOut(P plan) throws InterruptedException {
        for (Duration pause = FIRST_PAUSE; !stopped.get(); pause = next(pause)) {
            try {
                worker.carryOut(plan);
                return true;
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.TRANSIENT) {
                    throw e;
                }
                if (!stopped.get()) {
                    LOG.warn("{}", e.getMessage());
                }
            } catch (RetriableException | IOException e) {
                LOG.warn("a plan from {} failed, it is tried again: {}", topic, e.toString());
            }
            pause(pause);
        }
        return false;
    }

    private static Duration next(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    private void pause(Duration pause) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        while (!stopped.get() && System.nanoTime() < end) {
            Thread.sleep(POLL.toMillis());
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

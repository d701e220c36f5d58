package io.tidemark.pipeline;

import io.tidemark.model.Micros;
import io.tidemark.plan.Announcement;
import io.tidemark.plan.SnapshotRequest;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a snapshot when an epoch has none, when the newest is too old, or when too much log follows it. Decides from
 * catalog announcements; one request is open at a time.
 */
final class SnapshotPlanner implements Processor<String, Announcement, String, SnapshotRequest> {
    static final String STORE = "snapshot-policy";

    private static final Duration TICK = Duration.ofSeconds(1);
    /** After this a request that was never answered is repeated; snapshots are idempotent. */
    private static final Duration PATIENCE = Duration.ofHours(1);

    /**
     * What the policy remembers.
     *
     * @param epoch of the newest announcement
     * @param restorable whether a snapshot is possible
     * @param snapshotAtMicros when the newest snapshot of the epoch was made; 0 if there is none
     * @param bytesSince bytes of log archived since
     * @param requestedAtMicros when the open request was made; 0 if there is none
     */
    record Policy(int epoch, boolean restorable, long snapshotAtMicros, long bytesSince, long requestedAtMicros) {}

    private final String source;
    private final PipelineSettings settings;
    private @Nullable ProcessorContext<String, SnapshotRequest> context;
    private @Nullable KeyValueStore<String, Policy> store;

    SnapshotPlanner(String source, PipelineSettings settings) {
        this.source = source;
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<String, SnapshotRequest> processorContext) {
        context = processorContext;
        store = processorContext.getStateStore(STORE);
        processorContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> decide());
    }

    @Override
    public void process(Record<String, Announcement> record) {
        Announcement announcement = record.value();
        Policy old = store().get(source);
        int epoch = announcement.at().epoch();
        Policy base = old == null || old.epoch() < epoch ? new Policy(epoch, false, 0, 0, 0) : old;
        if (base.epoch() > epoch) {
            return;
        }
        boolean restorable = base.restorable() || announcement.restorable();
        Policy next = switch (announcement.kind()) {
            case SEGMENT ->
                new Policy(
                        epoch,
                        restorable,
                        base.snapshotAtMicros(),
                        base.bytesSince() + announcement.bytes(),
                        base.requestedAtMicros());
            case SNAPSHOT -> new Policy(epoch, restorable, announcement.committedAtMicros(), 0, 0);
        };
        store().put(source, next);
        decide();
    }

    private void decide() {
        Policy policy = store().get(source);
        if (policy == null || !policy.restorable()) {
            return;
        }
        long now = Micros.of(Instant.ofEpochMilli(context().currentSystemTimeMs()));
        if (policy.requestedAtMicros() > 0 && now - policy.requestedAtMicros() < micros(PATIENCE)) {
            return;
        }
        String reason = reason(policy, now);
        if (!reason.isEmpty()) {
            context()
                    .forward(new Record<>(
                            source,
                            new SnapshotRequest(source, reason, now),
                            context().currentSystemTimeMs()));
            store().put(source, new Policy(policy.epoch(), true, policy.snapshotAtMicros(), policy.bytesSince(), now));
        }
    }

    private String reason(Policy policy, long nowMicros) {
        if (policy.snapshotAtMicros() == 0) {
            return "first";
        }
        if (settings.snapshotAfterBytes() > 0 && policy.bytesSince() >= settings.snapshotAfterBytes()) {
            return "volume";
        }
        if (policy.bytesSince() == 0) {
            return "";
        }
        boolean tooOld = !settings.snapshotInterval().isZero()
                && nowMicros - policy.snapshotAtMicros() >= micros(settings.snapshotInterval());
        return tooOld ? "interval" : isDue(policy, nowMicros) ? "schedule" : "";
    }

    private boolean isDue(Policy policy, long nowMicros) {
        return settings.snapshotSchedule()
                .flatMap(schedule -> schedule.next(Micros.toInstant(policy.snapshotAtMicros())))
                .map(due -> Micros.of(due) <= nowMicros)
                .orElse(false);
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private ProcessorContext<String, SnapshotRequest> context() {
        if (context == null) {
            throw new IllegalStateException("not initialised");
        }
        return context;
    }

    private KeyValueStore<String, Policy> store() {
        if (store == null) {
            throw new IllegalStateException("not initialised");
        }
        return store;
    }
}

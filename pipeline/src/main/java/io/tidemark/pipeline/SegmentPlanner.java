package io.tidemark.pipeline;

import io.tidemark.plan.SegmentPlan;
import io.tidemark.plan.Stretch;
import io.tidemark.wire.BatchHeader;
import io.tidemark.wire.BatchReader;
import io.tidemark.wire.Fragments;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a change log into segments: by size, by age, on request and where an epoch begins. Its whole state is one
 * {@link OpenSegment}. Wall-clock decisions are made once: what it emits is committed together with what it read.
 */
final class SegmentPlanner implements Processor<byte[], byte[], String, SegmentPlan> {
    static final String STORE = "open-segment";

    /** Bounds the archiver's memory for rows of a few bytes. */
    private static final long MAX_CHANGES = 1_000_000;

    private static final Duration TICK = Duration.ofMillis(100);

    private final String source;
    private final PipelineSettings settings;
    private @Nullable ProcessorContext<String, SegmentPlan> context;
    private @Nullable KeyValueStore<String, OpenSegment> store;

    SegmentPlanner(String source, PipelineSettings settings) {
        this.source = source;
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<String, SegmentPlan> processorContext) {
        context = processorContext;
        store = processorContext.getStateStore(STORE);
        processorContext.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> cutByAge());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        long offset = context().recordMetadata().orElseThrow().offset();
        Optional<OpenSegment> before = Optional.ofNullable(store().get(source));
        if (before.isPresent() && before.get().readThrough() >= offset && !beginsEpoch(record)) {
            return;
        }
        Optional<BatchHeader> pending = before.flatMap(OpenSegment::pending);
        BatchHeader header = pending.orElseGet(() -> BatchReader.header(record.value()));
        OpenSegment open = current(before, header, offset);

        if (Fragments.moreFollow(record.headers())) {
            store().put(source, open.withFragment(header, offset, record.value().length));
            return;
        }
        OpenSegment grown =
                open.with(header, offset, record.value().length, context().currentSystemTimeMs());
        store().put(source, grown);
        List<String> seals = seals(header);
        Stretch stretch = grown.stretch().orElseThrow();
        if (!seals.isEmpty()) {
            cut(grown, SegmentPlan.Reason.REQUEST, seals);
        } else if (stretch.bytes() >= settings.segmentMaxBytes() || stretch.changes() >= MAX_CHANGES) {
            cut(grown, SegmentPlan.Reason.SIZE, List.of());
        }
    }

    /** An epoch may begin with a log that was made anew, where offsets start over. */
    private static boolean beginsEpoch(Record<byte[], byte[]> record) {
        return Fragments.isFirst(record.headers())
                && BatchReader.header(record.value()).kind() == BatchHeader.Kind.EPOCH;
    }

    /** The segment the record goes into; an epoch's first record closes the segment of the epoch before. */
    private OpenSegment current(Optional<OpenSegment> before, BatchHeader header, long offset) {
        if (before.isPresent() && before.get().epoch() == header.epoch()) {
            return before.get();
        }
        before.filter(OpenSegment::isCuttable).ifPresent(old -> cut(old, SegmentPlan.Reason.EPOCH, List.of()));
        return OpenSegment.first(header.epoch(), offset - 1);
    }

    private void cutByAge() {
        OpenSegment open = store().get(source);
        if (open == null || !open.isCuttable()) {
            return;
        }
        Duration limit = open.content() ? settings.segmentMaxAge() : settings.horizonInterval();
        if (context().currentSystemTimeMs() - open.openedAtMillis() >= limit.toMillis()) {
            cut(open, SegmentPlan.Reason.AGE, List.of());
        }
    }

    private void cut(OpenSegment open, SegmentPlan.Reason reason, List<String> seals) {
        SegmentPlan plan = open.plan(source, reason, seals);
        String key = plan.stretch().end().toString();
        context().forward(new Record<>(key, plan, context().currentSystemTimeMs()));
        store().put(source, open.next());
    }

    private static List<String> seals(BatchHeader header) {
        boolean asks = header.kind() == BatchHeader.Kind.SEAL || header.kind() == BatchHeader.Kind.TRANSACTION;
        return asks && !header.note().isEmpty() ? List.of(header.note().split(",", -1)) : List.of();
    }

    private ProcessorContext<String, SegmentPlan> context() {
        if (context == null) {
            throw new IllegalStateException("not initialised");
        }
        return context;
    }

    private KeyValueStore<String, OpenSegment> store() {
        if (store == null) {
            throw new IllegalStateException("not initialised");
        }
        return store;
    }
}

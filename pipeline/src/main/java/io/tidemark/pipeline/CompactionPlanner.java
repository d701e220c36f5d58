package io.tidemark.pipeline;

import io.tidemark.plan.Announcement;
import io.tidemark.plan.CompactionPlan;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Plans which segments are merged into runs, and which runs into longer ones, from catalog announcements. Its whole state
 * is {@link OpenTiers}.
 */
final class CompactionPlanner implements Processor<String, Announcement, String, CompactionPlan> {
    static final String STORE = "open-tiers";

    private final String source;
    private final PipelineSettings settings;
    private @Nullable ProcessorContext<String, CompactionPlan> context;
    private @Nullable KeyValueStore<String, OpenTiers> store;

    CompactionPlanner(String source, PipelineSettings settings) {
        this.source = source;
        this.settings = settings;
    }

    @Override
    public void init(ProcessorContext<String, CompactionPlan> processorContext) {
        context = processorContext;
        store = processorContext.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, Announcement> record) {
        if (context == null || store == null || settings.compactionFanIn() < 2) {
            return;
        }
        OpenTiers before = store.get(source);
        OpenTiers.Step step = (before == null ? OpenTiers.EMPTY : before)
                .with(record.value(), settings.compactionFanIn(), settings.compactionMaxBytes());
        forward(context, step.planned());
        store.put(source, step.next());
    }

    private void forward(ProcessorContext<String, CompactionPlan> target, List<OpenTiers.Piece> planned) {
        for (OpenTiers.Piece piece : planned) {
            CompactionPlan plan = new CompactionPlan(source, piece.epoch(), piece.after(), piece.through());
            // Keyed by place, so that several workers get some each.
            target.forward(new Record<>(piece.epoch() + ":" + piece.through(), plan, target.currentSystemTimeMs()));
        }
    }
}

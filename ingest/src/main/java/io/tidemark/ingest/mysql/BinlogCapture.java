package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.ingest.Capture;
import io.tidemark.ingest.debezium.EngineRun;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * An open stream of a server's binary log. What a statement of the schema left behind is settled, and what a transaction did
 * long before it was committed is read again, before the stream goes on behind it. Used by one thread.
 */
final class BinlogCapture implements Capture {
    private final Function<ResumePlace, EngineRun> stream;
    private final Function<ResumePlace, EngineRun> back;
    private final Function<BinlogDecoder.Unsettled, Settling> settle;
    private final BinlogDecoder decoder;
    private EngineRun run;
    private Optional<Settling> settling = Optional.empty();
    private Optional<Recall> recall = Optional.empty();

    /**
     * @param stream begins to read the log at a place
     * @param back begins to read it at a place that was read before
     * @param settle begins to find out what a statement left behind
     */
    BinlogCapture(
            Function<ResumePlace, EngineRun> stream,
            Function<ResumePlace, EngineRun> back,
            Function<BinlogDecoder.Unsettled, Settling> settle,
            BinlogDecoder decoder,
            ResumePlace begin) {
        this.stream = stream;
        this.back = back;
        this.settle = settle;
        this.decoder = decoder;
        run = stream.apply(begin);
    }

    @Override
    public boolean poll() {
        if (recall.isPresent() && !recall.get().isReading()) {
            return recall(recall.get());
        }
        return settling.filter(Settling::hasSeenAll).map(this::advance).orElseGet(this::next);
    }

    private boolean next() {
        Optional<List<SourceRecord>> batch = run.poll();
        batch.ifPresent(records -> records.forEach(record -> take(BinlogTask.event(record))));
        return batch.isPresent();
    }

    private void take(Event event) {
        if (settling.isPresent()) {
            settling.get().look(event);
            return;
        }
        if (recall.isPresent()) {
            recall.get().take(event);
            return;
        }
        decoder.decode(event);
        settling = decoder.unsettled().map(settle);
        recall = decoder.recall();
    }

    /** Goes back to where a transaction was prepared, or on behind its end. */
    private boolean recall(Recall transaction) {
        run.close();
        if (!transaction.isComplete()) {
            run = back.apply(transaction.begin());
            return true;
        }
        recall = Optional.empty();
        ResumePlace behind = decoder.endRecall();
        settling = decoder.unsettled().map(settle);
        run = stream.apply(behind);
        return true;
    }

    private boolean advance(Settling settled) {
        // Reading may take longer than a server waits for one who reads its log.
        run.close();
        if (!settled.advance()) {
            settled.close();
            settling = Optional.empty();
            run = stream.apply(decoder.commitSettled());
        }
        return true;
    }

    /** The server keeps its binary log as long as it was told to, whoever reads it. */
    @Override
    public void confirm(String resume) {}

    @Override
    public void close() {
        try (EngineRun closing = run) {
            settling.ifPresent(Settling::close);
        }
    }
}

package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.ingest.Capture;
import io.tidemark.ingest.debezium.EngineRun;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * An open stream of a server's binary log. What a statement of the schema left behind is settled before the stream goes on
 * behind it. Used by one thread.
 */
final class BinlogCapture implements Capture {
    private final Function<ResumePlace, EngineRun> stream;
    private final Function<BinlogDecoder.Unsettled, Settling> settle;
    private final BinlogDecoder decoder;
    private EngineRun run;
    private Optional<Settling> settling = Optional.empty();

    /**
     * @param stream begins to read the log at a place
     * @param settle begins to find out what a statement left behind
     */
    BinlogCapture(
            Function<ResumePlace, EngineRun> stream,
            Function<BinlogDecoder.Unsettled, Settling> settle,
            BinlogDecoder decoder,
            ResumePlace begin) {
        this.stream = stream;
        this.settle = settle;
        this.decoder = decoder;
        run = stream.apply(begin);
    }

    @Override
    public boolean poll() {
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
        decoder.decode(event);
        settling = decoder.unsettled().map(settle);
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

package io.tidemark.ingest.mysql;

import com.github.shyiko.mysql.binlog.event.Event;
import io.tidemark.ingest.Capture;
import io.tidemark.ingest.debezium.EngineRun;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * An open stream of a server's binary log. Where a statement changed rows without telling the log, tables are read again
 * before the stream goes on. Used by one thread.
 */
final class BinlogCapture implements Capture {
    private final Function<ResumePlace, EngineRun> stream;
    private final Function<BinlogDecoder.Rewrite, Reread> reading;
    private final BinlogDecoder decoder;
    private EngineRun run;
    private Optional<Reread> reread = Optional.empty();

    /**
     * @param stream begins to read the log at a place
     * @param reading begins to read tables again
     */
    BinlogCapture(
            Function<ResumePlace, EngineRun> stream,
            Function<BinlogDecoder.Rewrite, Reread> reading,
            BinlogDecoder decoder,
            ResumePlace begin) {
        this.stream = stream;
        this.reading = reading;
        this.decoder = decoder;
        run = stream.apply(begin);
    }

    @Override
    public boolean poll() {
        return reread.filter(Reread::hasSeenAll).map(this::advance).orElseGet(this::next);
    }

    private boolean next() {
        Optional<List<SourceRecord>> batch = run.poll();
        batch.ifPresent(records -> records.forEach(record -> take(BinlogTask.event(record))));
        return batch.isPresent();
    }

    private void take(Event event) {
        if (reread.isPresent()) {
            reread.get().look(event);
            return;
        }
        decoder.decode(event);
        reread = decoder.rewritten().map(reading);
    }

    private boolean advance(Reread tables) {
        // Reading may take longer than a server waits for one who reads its log.
        run.close();
        if (!tables.advance()) {
            tables.close();
            reread = Optional.empty();
            run = stream.apply(decoder.commitRewritten());
        }
        return true;
    }

    /** The server keeps its binary log as long as it was told to, whoever reads it. */
    @Override
    public void confirm(String resume) {}

    @Override
    public void close() {
        try (EngineRun closing = run) {
            reread.ifPresent(Reread::close);
        }
    }
}

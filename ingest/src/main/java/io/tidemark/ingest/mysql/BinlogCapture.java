package io.tidemark.ingest.mysql;

import io.tidemark.ingest.Capture;
import io.tidemark.ingest.debezium.EngineRun;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.connect.source.SourceRecord;

/** An open stream of a server's binary log. Used by one thread. */
final class BinlogCapture implements Capture {
    private final EngineRun run;
    private final BinlogDecoder decoder;

    BinlogCapture(EngineRun run, BinlogDecoder decoder) {
        this.run = run;
        this.decoder = decoder;
    }

    @Override
    public boolean poll() {
        Optional<List<SourceRecord>> batch = run.poll();
        batch.ifPresent(records -> records.forEach(record -> decoder.decode(BinlogTask.event(record))));
        return batch.isPresent();
    }

    /** The server keeps its binary log as long as it was told to, whoever reads it. */
    @Override
    public void confirm(String resume) {}

    @Override
    public void close() {
        run.close();
    }
}

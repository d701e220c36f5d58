package io.tidemark.bench;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.ChangeEventFormat;
import java.net.URI;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/** The Debezium engine reading the same backlog from its own slot into nothing. */
final class DebeziumPeer {
    private DebeziumPeer() {}

    /** Seconds from the engine's start to the last record. */
    static double drain(Workbench bench, String database, int rows) throws Exception {
        URI url = URI.create(bench.url(database));
        Properties config = new Properties();
        config.setProperty("name", "peer");
        config.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.setProperty("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        config.setProperty("topic.prefix", "peer");
        config.setProperty("database.hostname", url.getHost());
        config.setProperty("database.port", Integer.toString(url.getPort()));
        config.setProperty("database.user", url.getUserInfo());
        config.setProperty("database.dbname", database);
        config.setProperty("plugin.name", "pgoutput");
        config.setProperty("slot.name", "debezium");
        config.setProperty("publication.name", "tidemark_bench");
        config.setProperty("publication.autocreate.mode", "disabled");
        config.setProperty("snapshot.mode", "no_data");
        CountDownLatch done = new CountDownLatch(1);
        AtomicLong seen = new AtomicLong();
        DebeziumEngine<io.debezium.engine.RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(config)
                .notifying(
                        (List<io.debezium.engine.RecordChangeEvent<SourceRecord>> records,
                                DebeziumEngine.RecordCommitter<io.debezium.engine.RecordChangeEvent<SourceRecord>>
                                        committer) -> {
                            if (seen.addAndGet(records.size()) >= rows) {
                                done.countDown();
                            }
                            committer.markBatchFinished();
                        })
                .build();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        long started = System.nanoTime();
        executor.execute(engine);
        done.await();
        double seconds = (System.nanoTime() - started) / 1e9;
        engine.close();
        executor.shutdown();
        return seconds;
    }
}

package io.tidemark.bench;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.ChangeEventFormat;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceRecord;

/** The Debezium engine reading the same backlog into nothing; times begin with its start. */
final class DebeziumPeer {
    private DebeziumPeer() {}

    /** Seconds until so many records came out of a connector on a PostgreSQL database. */
    static double drain(Workbench bench, String database, int rows) throws Exception {
        URI url = URI.create(bench.url(database));
        return drain(
                Map.ofEntries(
                        Map.entry("connector.class", "io.debezium.connector.postgresql.PostgresConnector"),
                        Map.entry("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore"),
                        Map.entry("database.hostname", url.getHost()),
                        Map.entry("database.port", Integer.toString(url.getPort())),
                        Map.entry("database.user", url.getUserInfo()),
                        Map.entry("database.dbname", database),
                        Map.entry("plugin.name", "pgoutput"),
                        Map.entry("slot.name", "debezium"),
                        Map.entry("publication.name", "tidemark_bench"),
                        Map.entry("publication.autocreate.mode", "disabled"),
                        Map.entry("snapshot.mode", "no_data")),
                rows);
    }

    /** Seconds until so many records came out of a connector. */
    static double drain(Map<String, String> settings, int rows) throws Exception {
        Properties config = new Properties();
        config.setProperty("name", "peer");
        config.setProperty("topic.prefix", "peer");
        // Asked for and never used.
        config.setProperty("bootstrap.servers", "none:1");
        settings.forEach(config::setProperty);
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
                            committer.markProcessed(records.get(records.size() - 1));
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

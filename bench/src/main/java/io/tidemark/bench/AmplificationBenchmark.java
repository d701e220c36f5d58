package io.tidemark.bench;

import io.tidemark.app.runtime.Service;
import io.tidemark.model.Json;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.Commit;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** What is written into the repository in all for each byte of segments, while a service compacts and makes snapshots. */
final class AmplificationBenchmark {
    private static final int SECONDS = Integer.getInteger("amplification.seconds", 90);
    private static final int ROWS = 200_000;
    private static final int ROWS_PER_TRANSACTION = 200;

    private AmplificationBenchmark() {}

    static void run(String server, Path directory) throws Exception {
        Workbench bench = new Workbench(server, directory, "bench")
                .set("segment.max.age", "500ms")
                .set("snapshot.after", "64MiB")
                .set("audit.enabled", "false");
        bench.createDatabase("original");
        bench.execute(
                "original",
                "CREATE TABLE narrow (id bigint PRIMARY KEY, n int, t text, at timestamptz)",
                "INSERT INTO narrow SELECT i, i % 1000, md5(i::text), now() FROM generate_series(1, " + ROWS + ") i");
        bench.addSource("original");
        try (Service service = bench.start()) {
            bench.await(history -> !history.snapshots().isEmpty());
            load(bench);
            bench.tidemark("create", "--incremental");
        }
        Map<String, Long> written = new TreeMap<>();
        try (Repository repository = bench.repository()) {
            long sequence = 1;
            for (Optional<Repository.Stored> stored = repository.find(RepositoryLayout.commit(sequence));
                    stored.isPresent();
                    stored = repository.find(RepositoryLayout.commit(sequence))) {
                for (CatalogEntry entry : Json.read(stored.get().plain(), Commit.class, "a commit")
                        .entries()) {
                    count(entry, written);
                }
                sequence++;
            }
        }
        long segments = written.getOrDefault("segments", 1L);
        Workbench.print("%d s of single-row updates, a snapshot after each 64 MiB of log", SECONDS);
        written.forEach((kind, bytes) ->
                Workbench.print("  %-9s %8.1f MB, %.2f of the segments", kind, bytes / 1e6, (double) bytes / segments));
        double all = written.values().stream().mapToLong(Long::longValue).sum();
        Workbench.print("  written in all for each byte of segments: %.2f", all / segments);
    }

    private static void load(Workbench bench) throws Exception {
        Random random = new Random(1);
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        try (Connection sql = bench.connections("original").sql();
                PreparedStatement update =
                        sql.prepareStatement("UPDATE public.narrow SET n = n + 1, t = ?, at = now() WHERE id = ?")) {
            sql.setAutoCommit(false);
            while (System.nanoTime() < end) {
                for (int i = 0; i < ROWS_PER_TRANSACTION; i++) {
                    update.setString(1, Long.toHexString(random.nextLong()));
                    update.setLong(2, 1 + random.nextInt(ROWS));
                    update.addBatch();
                }
                update.executeBatch();
                sql.commit();
            }
        }
    }

    private static void count(CatalogEntry entry, Map<String, Long> written) {
        if (entry instanceof CatalogEntry.SegmentAdded added) {
            written.merge("segments", added.object().bytes(), Long::sum);
        } else if (entry instanceof CatalogEntry.RunAdded added) {
            written.merge("runs", added.object().map(ObjectRef::bytes).orElse(0L), Long::sum);
        } else if (entry instanceof CatalogEntry.SnapshotAdded added) {
            written.merge("snapshots", added.addedBytes(), Long::sum);
        }
    }
}

package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.runtime.Engines;
import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceStatus;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.plan.Timeline;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemark status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show up to when each source can be restored, and whether its capture is alive.",
            "'warnings' names what the source holds that is not captured.",
            "'proven equal at' is the last moment at which 'verify --against-source' found the repository equal to the source.",
            "'behind' is the time between now and the newest restorable moment."
        })
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        Configuration configuration = options.configuration();
        SourceDefinitions definitions = new SourceDefinitions(configuration.data());
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            for (String source : catalog.sources()) {
                rows.add(row(configuration, definitions, catalog.history(source)));
            }
        }
        options.output().table(rows);
        return 0;
    }

    private static Map<String, Object> row(
            Configuration configuration, SourceDefinitions definitions, SourceHistory history) {
        List<Timeline.Range> ranges = Timeline.of(history).ranges();
        String until = "-";
        String behind = "-";
        if (!ranges.isEmpty()) {
            Instant complete = ranges.get(ranges.size() - 1).until();
            until = complete.toString();
            behind = Duration.between(complete, Instant.now()).toSeconds() + " s";
        }
        List<CatalogEntry.SnapshotAdded> snapshots = history.snapshots();
        SourceStatus status = capture(configuration, definitions, history.source());
        return Output.row(
                "source",
                history.source(),
                "restorable_until",
                until,
                "behind",
                behind,
                "newest_snapshot",
                snapshots.isEmpty()
                        ? "-"
                        : Micros.toInstant(snapshots
                                        .get(snapshots.size() - 1)
                                        .end()
                                        .committedAtMicros())
                                .toString(),
                "proven_equal_at",
                history.proven()
                        .map(end -> Micros.toInstant(end.committedAtMicros()).toString())
                        .orElse("-"),
                "segment_bytes",
                history.segmentBytes(),
                "capture",
                history.isRemoved() ? "removed" : status.state(),
                "retained_log_bytes",
                status.retainedBytes(),
                "warnings",
                status.warnings().isEmpty() ? "-" : String.join("; ", status.warnings()));
    }

    private static SourceStatus capture(Configuration configuration, SourceDefinitions definitions, String name) {
        if (!definitions.exists(name)) {
            return new SourceStatus("not defined here", 0);
        }
        SourceDefinition definition = definitions.get(name);
        try (Source source =
                Engines.source(definition.engine(), definition.settings(configuration.integer(Key.COPY_READERS)))) {
            return source.status();
        } catch (TidemarkException e) {
            System.err.println("tidemark: " + e.getMessage());
            return new SourceStatus("unreachable", 0);
        }
    }
}

package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.runtime.ArchiveProgress;
import io.tidemark.app.runtime.Engines;
import io.tidemark.archiver.SnapshotBuilder;
import io.tidemark.ingest.Source;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.restorer.plan.Timeline;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Bring everything committed up to now into the repository and make a full snapshot of it.",
            "The snapshot is merged from what is in the repository; the database is not read."
        })
final class CreateCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SOURCE",
            description = "The source; the only one if left out.")
    private @Nullable String source;

    @Option(names = "--incremental", description = "Only bring everything committed up to now into the repository.")
    private boolean incremental;

    @Option(
            names = "--offline",
            description = "Snapshot what is in the repository already; needs neither the source nor 'run'.")
    private boolean offline;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long to wait for 'run' to archive; default: 60.")
    private int waitSeconds = 60;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Configuration configuration = options.configuration();
        if (incremental && offline) {
            throw TidemarkException.usage("--incremental and --offline exclude each other");
        }
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            String name = CommonOptions.source(source, catalog);
            if (!offline) {
                seal(configuration, catalog, name);
            }
            if (incremental) {
                Timeline timeline = Timeline.of(catalog.history(name));
                Timeline.Range range = timeline.ranges().get(timeline.ranges().size() - 1);
                options.output()
                        .record(Output.row(
                                "source",
                                name,
                                "restorable_until",
                                range.until().toString(),
                                "position",
                                range.last().at().toString()));
            } else {
                snapshot(configuration, repository, catalog, name);
            }
        }
        return 0;
    }

    private void seal(Configuration configuration, Catalog catalog, String name) throws InterruptedException {
        SourceDefinition definition = new SourceDefinitions(configuration.data()).get(name);
        try (Source live = Engines.source(
                definition.engine(), definition.settings(configuration.integer(Key.COPY_READERS), Optional.empty()))) {
            long askedAt = live.requestSeal(UUID.randomUUID().toString());
            ArchiveProgress.await(catalog, name, askedAt, Duration.ofSeconds(waitSeconds));
        }
    }

    private void snapshot(Configuration configuration, Repository repository, Catalog catalog, String name)
            throws IOException {
        Progress progress = new Progress();
        CatalogEntry.SnapshotAdded snapshot = new SnapshotBuilder(
                        repository, catalog, configuration.data().resolve("spool"), () -> false)
                .build(
                        name,
                        (collection, rows, done, total) -> progress.show(
                                "merged " + collection + " (" + rows + " rows), " + done + " of " + total));
        progress.done();
        options.output()
                .record(Output.row(
                        "source",
                        name,
                        "position",
                        snapshot.end().at().toString(),
                        "time",
                        Micros.toInstant(snapshot.end().committedAtMicros()).toString(),
                        "transaction",
                        snapshot.end().id(),
                        "rows",
                        snapshot.rows(),
                        "bytes",
                        snapshot.bytes(),
                        "bytes_written",
                        snapshot.addedBytes()));
    }
}

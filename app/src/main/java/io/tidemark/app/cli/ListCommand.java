package io.tidemark.app.cli;

import io.tidemark.model.Micros;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark list}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "List the snapshots, or with --segments also the segments and runs, of the repository.")
final class ListCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "Only this source.")
    private @Nullable String source;

    @Option(names = "--segments", description = "List segments and runs too.")
    private boolean segments;

    @Override
    public Integer call() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            for (String name : CommonOptions.sources(source, catalog)) {
                SourceHistory history = catalog.history(name);
                history.snapshots().forEach(s -> rows.add(snapshot(history, s)));
                if (segments) {
                    for (int epoch : history.epochs()) {
                        history.contiguous(epoch).stream()
                                .filter(a -> a.object().isPresent())
                                .forEach(a -> rows.add(segment(name, a)));
                    }
                }
            }
        }
        options.output().table(rows);
        return 0;
    }

    private static Map<String, Object> snapshot(SourceHistory history, CatalogEntry.SnapshotAdded snapshot) {
        return Output.row(
                "source",
                snapshot.source(),
                "kind",
                "snapshot",
                "position",
                snapshot.end().at().toString(),
                "time",
                Micros.toInstant(snapshot.end().committedAtMicros()).toString(),
                "rows",
                snapshot.rows(),
                "bytes",
                snapshot.bytes(),
                "written",
                snapshot.addedBytes(),
                "in",
                history.inArchive(snapshot.end().at())
                        .map(archived -> "archive " + archived.place())
                        .orElse("repository"),
                "object",
                snapshot.manifest().name().text());
    }

    private static Map<String, Object> segment(String source, Archived archived) {
        return Output.row(
                "source",
                source,
                "kind",
                archived.isRun() ? "run" : "segment",
                "position",
                archived.stretch().end().toString(),
                "time",
                archived.stretch().lastCommitMicros().isPresent()
                        ? Micros.toInstant(archived.stretch().lastCommitMicros().getAsLong())
                                .toString()
                        : "-",
                "rows",
                archived.stretch().changes(),
                "bytes",
                archived.object().orElseThrow().bytes(),
                "written",
                archived.object().orElseThrow().bytes(),
                "in",
                "repository",
                "object",
                archived.object().orElseThrow().name().text());
    }
}

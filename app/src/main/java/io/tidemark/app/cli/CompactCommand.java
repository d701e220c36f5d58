package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.archiver.Compactor;
import io.tidemark.pipeline.DueCompactions;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tidemark compact}. */
@Command(
        name = "compact",
        mixinStandardHelpOptions = true,
        description = {
            "Merge segments into runs, as 'run' does by itself, from the repository alone.",
            "For where the private key of a recipient is, when the hosts that write cannot read; 'create --offline' makes snapshots there "
                    + "and 'prune' deletes what nothing needs any more. Safe beside a running service."
        })
final class CompactCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "Only this source's history.")
    private @Nullable String source;

    @Override
    public Integer call() throws IOException {
        Configuration configuration = options.configuration();
        DueCompactions due = new DueCompactions(
                configuration.integer(Key.COMPACTION_FAN_IN),
                configuration.bytes(Key.COMPACTION_MAX_SIZE),
                configuration.bytes(Key.SEGMENT_MAX_SIZE));
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            Compactor compactor =
                    new Compactor(repository, catalog, configuration.data().resolve("spool"), () -> false);
            Progress progress = new Progress();
            long runs = 0;
            long bytes = 0;
            for (String name : CommonOptions.sources(source, catalog)) {
                for (CompactionPlan plan : plans(due, catalog.history(name))) {
                    Optional<CatalogEntry.RunAdded> run = compactor.compact(plan);
                    runs += run.isPresent() ? 1 : 0;
                    bytes += run.flatMap(CatalogEntry.RunAdded::object)
                            .map(object -> object.bytes())
                            .orElse(0L);
                    progress.show("merged " + name + " up to " + plan.epoch() + ":" + plan.through());
                }
            }
            progress.done();
            options.output().record(Output.row("runs_made", runs, "bytes_written", bytes));
        }
        return 0;
    }

    private static List<CompactionPlan> plans(DueCompactions due, SourceHistory history) {
        List<CompactionPlan> plans = new ArrayList<>();
        for (int epoch : history.epochs()) {
            long snapshot = history.snapshots().stream()
                    .map(s -> s.end().at())
                    .filter(at -> at.epoch() == epoch)
                    .mapToLong(at -> at.offset())
                    .max()
                    .orElse(-1);
            List<DueCompactions.Piece> pieces = history.contiguous(epoch).stream()
                    .map(archived -> new DueCompactions.Piece(archived.stretch(), archived.isRun()))
                    .toList();
            plans.addAll(due.of(history.source(), pieces, snapshot));
        }
        return plans;
    }
}

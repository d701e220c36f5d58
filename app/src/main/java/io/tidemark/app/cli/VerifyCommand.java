package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.runtime.Engines;
import io.tidemark.app.runtime.SourceProof;
import io.tidemark.ingest.Source;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.ContentComparison;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.restorer.Restore;
import io.tidemark.restorer.RestoreOptions;
import io.tidemark.restorer.RestorePlan;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import io.tidemark.state.RepositoryContent;
import io.tidemark.state.RepositoryVerification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Check the repository, as deeply as --level says. Exits with 3 if anything is wrong.",
            "  catalog  the chain of commits, and that every object is there",
            "  objects  also lengths and, where the store knows them, hashes; reads nothing",
            "  full     also reads, hashes, decrypts and decodes everything, counts and digests rows (the default)",
            "  drill    also restores into the scratch database --target, compares it row by row with what was captured, and empties it again",
            "--against-source reads the live source as of one moment and compares every table with the repository at that moment."
        })
final class VerifyCommand implements Callable<Integer> {
    /** How deep to look. */
    enum Level {
        catalog,
        objects,
        full,
        drill
    }

    private static final int WRONG = 3;

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SOURCE",
            description = "The source for drill and --against-source; the only one if left out.")
    private @Nullable String source;

    @Option(names = "--level", paramLabel = "LEVEL", description = "catalog, objects, full or drill; default: full.")
    private @Nullable Level level;

    @Option(
            names = "--anchor",
            paramLabel = "FILE",
            description = "Also check that the chain goes through what 'anchor' wrote; may be given more than once.")
    private List<Path> anchors = new ArrayList<>();

    @Option(names = "--against-source", description = "Compare with the live source; needs 'run' to be running.")
    private boolean againstSource;

    @Option(names = "--target", paramLabel = "URL", description = "An empty scratch database for the drill.")
    private @Nullable String target;

    @Option(
            names = "--password-env",
            paramLabel = "VARIABLE",
            description = "Environment variable with the target's password; default: PGPASSWORD, if it is set.")
    private String passwordVariable = "PGPASSWORD";

    @ArgGroup
    private MomentOptions moment = new MomentOptions();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long --against-source waits for 'run' to archive; default: 300.")
    private int waitSeconds = 300;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (level == Level.drill && target == null) {
            throw TidemarkException.usage("where to? give an empty scratch database with --target for the drill");
        }
        Configuration configuration = options.configuration();
        List<String> problems = new ArrayList<>();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.wholeCatalog(repository);
            anchors.forEach(file -> AnchorCommand.read(file).check(repository, catalog));
            Map<String, Object> record = Output.row(
                    "commits",
                    catalog.sequence(),
                    "catalog_head",
                    catalog.head().hex());
            if (level != null || !againstSource) {
                objects(configuration, repository, catalog, record, problems);
            }
            if (level == Level.drill && problems.isEmpty()) {
                drill(configuration, repository, catalog, record, problems);
            }
            if (againstSource) {
                compare(configuration, repository, catalog, record, problems);
            }
            problems.forEach(problem -> System.err.println("tidemark: " + problem));
            record.put("problems", problems);
            options.output().record(record);
        }
        return problems.isEmpty() ? 0 : WRONG;
    }

    private void objects(
            Configuration configuration,
            Repository repository,
            Catalog catalog,
            Map<String, Object> record,
            List<String> problems)
            throws InterruptedException {
        RepositoryVerification.Level depth = switch (level == null ? Level.full : level) {
            case catalog -> RepositoryVerification.Level.CATALOG;
            case objects -> RepositoryVerification.Level.OBJECTS;
            case full, drill -> RepositoryVerification.Level.FULL;
        };
        Progress progress = new Progress();
        RepositoryVerification.Result result = new RepositoryVerification(repository, catalog)
                .run(
                        depth,
                        configuration.integer(Key.RESTORE_JOBS),
                        (name, done, total) -> progress.show("checked " + done + " of " + total + " objects"));
        progress.done();
        problems.addAll(result.problems());
        if (result.closedSnapshots() > 0) {
            System.err.println("The parts of " + result.closedSnapshots() + " snapshots were not checked: that needs "
                    + (repository.opensRows() ? "the archive they are in" : "the private key of a recipient") + ".");
            record.put("snapshots_not_checked", result.closedSnapshots());
        }
        record.put("objects", result.objects());
        record.put("bytes", result.bytes());
        record.put("changes", result.changes());
    }

    private void drill(
            Configuration configuration,
            Repository repository,
            Catalog catalog,
            Map<String, Object> record,
            List<String> problems)
            throws InterruptedException {
        String url = Optional.ofNullable(target).orElseThrow();
        String name = CommonOptions.source(source, catalog);
        Path spool = configuration.data().resolve("spool");
        RestorePlan plan = RestorePlan.of(repository, catalog.history(name), moment.parse(), List.of());
        RestoreOptions restoreOptions = new RestoreOptions(
                List.of(), false, true, false, false, false, configuration.integer(Key.RESTORE_JOBS), spool);
        Progress progress = new Progress();
        TargetSettings settings = new TargetSettings(url, Optional.ofNullable(System.getenv(passwordVariable)));
        try (Target scratch = Engines.target(plan.schema().engine(), settings)) {
            new Restore(repository, scratch, restoreOptions, new ShownProgress(progress)).run(plan);
            progress.show("comparing");
            List<CollectionContent> kept = RepositoryContent.of(plan.state(), spool);
            List<CollectionContent> restored = kept.stream()
                    .map(content -> scratch.content(content.rows()))
                    .toList();
            problems.addAll(ContentComparison.differences("the repository", kept, "the restored database", restored));
            scratch.clear();
            record.put("drill_tables", (long) kept.size());
            record.put(
                    "drill_rows",
                    kept.stream().mapToLong(CollectionContent::count).sum());
            record.put(
                    "drill_moment",
                    Micros.toInstant(plan.end().committedAtMicros()).toString());
        } finally {
            progress.done();
        }
    }

    private void compare(
            Configuration configuration,
            Repository repository,
            Catalog catalog,
            Map<String, Object> record,
            List<String> problems)
            throws InterruptedException {
        String name = CommonOptions.source(source, catalog);
        SourceDefinition definition = new SourceDefinitions(configuration.data()).get(name);
        try (Source live = Engines.source(
                definition.engine(), definition.settings(configuration.integer(Key.COPY_READERS), Optional.empty()))) {
            SourceProof.Outcome outcome = new SourceProof(
                            repository, catalog, configuration.data().resolve("spool"))
                    .run(name, live, Duration.ofSeconds(waitSeconds));
            problems.addAll(outcome.differences());
            record.put("source_tables", (long) outcome.collections());
            record.put("source_rows", outcome.rows());
            record.put("compared_at", outcome.end().coordinate());
            record.put("source_equal", outcome.differences().isEmpty());
        }
    }
}

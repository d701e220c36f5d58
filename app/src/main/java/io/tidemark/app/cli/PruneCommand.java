package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.app.runtime.Retention;
import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.retention.Pruner;
import io.tidemark.retention.RetentionPlan;
import io.tidemark.retention.RetentionPolicy;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark prune}. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        description = {
            "Give up old snapshots and changes, and delete what nothing needs any more.",
            "Inside --pitr-window every moment stays restorable; before it, the snapshots that a --keep rule keeps. Without any of these "
                    + "options, and without retention keys in the configuration, nothing restorable is given up.",
            "What is given up is marked now and deleted by a 'prune' after prune.grace (24h); restores that are running meanwhile are safe."
        })
final class PruneCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(index = "0", arity = "0..1", paramLabel = "SOURCE", description = "Only this source's history.")
    private @Nullable String source;

    @Option(names = "--pitr-window", paramLabel = "DURATION", description = "Like 7d; counted from the newest moment.")
    private @Nullable String window;

    @Option(names = "--keep-hourly", paramLabel = "N", description = "Keep the newest snapshot of each of N hours.")
    private @Nullable Integer hourly;

    @Option(names = "--keep-daily", paramLabel = "N", description = "Keep the newest snapshot of each of N days.")
    private @Nullable Integer daily;

    @Option(names = "--keep-weekly", paramLabel = "N", description = "Keep the newest snapshot of each of N weeks.")
    private @Nullable Integer weekly;

    @Option(names = "--keep-monthly", paramLabel = "N", description = "Keep the newest snapshot of each of N months.")
    private @Nullable Integer monthly;

    @Option(names = "--keep-yearly", paramLabel = "N", description = "Keep the newest snapshot of each of N years.")
    private @Nullable Integer yearly;

    @Option(
            names = "--archive-after",
            paramLabel = "DURATION",
            description = "Move kept snapshots that are older, like 90d, to the archive; the newest stays.")
    private @Nullable String archiveAfter;

    @Option(
            names = "--archive",
            paramLabel = "LOCATION",
            description = "The archive: another medium, account or storage class. Restores from it need it too.")
    private @Nullable String archive;

    @Option(names = "--min-age-days", paramLabel = "N", description = "Give up nothing younger than N days.")
    private @Nullable Integer minAgeDays;

    @Option(names = "--grace", paramLabel = "DURATION", description = "Between marking and deleting; default: 24h.")
    private @Nullable String grace;

    @Option(names = "--dry-run", description = "Print what would be given up; change nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws IOException {
        Configuration configuration = configuration();
        RetentionPolicy policy = Retention.policy(configuration);
        try (Repository repository = Repositories.open(configuration)) {
            Catalog catalog = options.catalog(repository);
            List<String> sources = source == null
                    ? catalog.sources()
                    : List.of(catalog.history(source).source());
            Pruner pruner = new Pruner(repository, catalog, Clock.systemUTC(), Retention.patience(configuration));
            if (dryRun) {
                options.output().table(rows(catalog, pruner.plan(sources, policy)));
                return 0;
            }
            Pruner.Result result = pruner.prune(sources, policy);
            options.output().record(describe(result));
        }
        return 0;
    }

    private Configuration configuration() {
        Map<String, String> overrides = new HashMap<>();
        put(overrides, Key.RETENTION_PITR_WINDOW, window);
        put(overrides, Key.RETENTION_KEEP_HOURLY, hourly);
        put(overrides, Key.RETENTION_KEEP_DAILY, daily);
        put(overrides, Key.RETENTION_KEEP_WEEKLY, weekly);
        put(overrides, Key.RETENTION_KEEP_MONTHLY, monthly);
        put(overrides, Key.RETENTION_KEEP_YEARLY, yearly);
        put(overrides, Key.RETENTION_MIN_AGE, minAgeDays == null ? null : minAgeDays + "d");
        put(overrides, Key.ARCHIVE_AFTER, archiveAfter);
        put(overrides, Key.ARCHIVE, archive);
        put(overrides, Key.PRUNE_GRACE, grace);
        return options.configuration().with(overrides);
    }

    private static void put(Map<String, String> overrides, Key key, @Nullable Object value) {
        if (value != null) {
            overrides.put(key.text(), value.toString());
        }
    }

    private static List<Map<String, Object>> rows(Catalog catalog, Map<String, RetentionPlan> plans) {
        List<Map<String, Object>> rows = new ArrayList<>();
        plans.forEach((name, plan) -> {
            SourceHistory history = catalog.history(name);
            plan.snapshots().forEach((at, reason) -> rows.add(snapshot(history, plan, at, reason)));
            for (CatalogEntry.Retired retired : plan.retired()) {
                rows.add(Output.row(
                        "source",
                        name,
                        "what",
                        "changes of epoch " + retired.epoch(),
                        "time",
                        "-",
                        "position",
                        retired.epoch() + ":"
                                + retired.floor().map(f -> "" + f.offset()).orElse("-"),
                        "kept",
                        retired.pieces().size() + " segments and runs, "
                                + retired.schemas().size() + " schemas go"));
            }
        });
        return rows;
    }

    private static Map<String, Object> snapshot(SourceHistory history, RetentionPlan plan, Position at, String reason) {
        String archive = plan.toArchive().contains(at) ? "; goes to the archive" : "";
        long micros = history.snapshot(at).orElseThrow().end().committedAtMicros();
        return Output.row(
                "source",
                history.source(),
                "what",
                "snapshot",
                "time",
                Micros.toInstant(micros).toString(),
                "position",
                at.toString(),
                "kept",
                reason.isEmpty() ? "goes" : reason + archive);
    }

    private static Map<String, Object> describe(Pruner.Result result) {
        long snapshots = 0;
        long pieces = 0;
        for (RetentionPlan plan : result.plans().values()) {
            for (CatalogEntry.Retired retired : plan.retired()) {
                snapshots += retired.snapshots().size();
                pieces += retired.pieces().size();
            }
        }
        return Output.row(
                "snapshots_marked",
                snapshots,
                "segments_and_runs_marked",
                pieces,
                "snapshots_archived",
                result.archivedSnapshots(),
                "objects_deleted",
                result.swept().objects(),
                "orphans_deleted",
                result.swept().orphans(),
                "bytes_freed",
                result.swept().freedBytes(),
                "objects_waiting",
                result.swept().waiting(),
                "objects_locked",
                result.swept().locked());
    }
}

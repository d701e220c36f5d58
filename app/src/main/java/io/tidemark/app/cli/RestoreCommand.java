package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.runtime.Engines;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.Restore;
import io.tidemark.restorer.RestoreOptions;
import io.tidemark.restorer.RestorePlan;
import io.tidemark.restorer.RestoreResult;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import io.tidemark.restorer.plan.RestoreTo;
import java.io.IOException;
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

/** {@code tidemark restore}. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Restore a source, as it was at a moment, into an empty database.",
            "Needs the repository and its key only. Every object is checked before anything is written."
        })
final class RestoreCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SOURCE",
            description = "The source; the only one if left out.")
    private @Nullable String source;

    @ArgGroup
    private MomentOptions moment = new MomentOptions();

    @Option(
            names = "--target",
            paramLabel = "URL",
            description =
                    "The database to restore into: postgresql://user@host:port/database, mariadb://... or mysql://...")
    private @Nullable String target;

    @Option(
            names = "--password-env",
            paramLabel = "VARIABLE",
            description = "Environment variable with the target's password; default: PGPASSWORD, if it is set.")
    private String passwordVariable = "PGPASSWORD";

    @Option(names = "--table", paramLabel = "TABLE", description = "Only this table; may be given more than once.")
    private List<String> tables = new ArrayList<>();

    @Option(
            names = "--allow-clear",
            description = {
                "Drop what is in the way in the target: everything, or with --table the tables that are restored.",
                "What goes is listed, and goes after a 'yes' only. A live source is never cleared."
            })
    private boolean allowClear;

    @Option(names = "--yes", description = "Answer 'yes' to what --allow-clear asks, for scripts.")
    private boolean yes;

    @Option(
            names = "--strict",
            description = {
                "Stop at the first object that the target refuses.",
                "Otherwise everything else is restored, what is missing is listed, and the exit code is 1."
            })
    private boolean strict;

    @Option(
            names = "--resume",
            description =
                    "Go on with a restore that was interrupted: the same moment, target and options, from the same --data.")
    private boolean resume;

    @Option(names = "--no-owner", description = "Everything belongs to the role that restores.")
    private boolean noOwner;

    @Option(names = "--no-privileges", description = "Grant and revoke nothing.")
    private boolean noPrivileges;

    @Option(names = "--dry-run", description = "Print what would be done; the target is not touched.")
    private boolean dryRun;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Configuration configuration = options.configuration();
        RestoreTo to = moment.parse();
        if (resume && allowClear) {
            throw TidemarkException.usage("--resume and --allow-clear exclude each other");
        }
        if (target == null && !dryRun) {
            throw TidemarkException.usage(
                    "where to? give --target with an address like postgresql://user@host:port/database or "
                            + "mariadb://... or mysql://..., or --dry-run");
        }
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            SourceHistory history = catalog.history(CommonOptions.source(source, catalog));
            RestorePlan plan = RestorePlan.of(repository, history, to, tables);
            if (dryRun || target == null) {
                options.output().record(describe(plan));
                return 0;
            }
            tell(plan);
            long started = System.nanoTime();
            RestoreResult result = restore(configuration, repository, plan, target);
            Map<String, Object> record = describe(plan);
            record.put("tables", (long) result.collections());
            record.put("rows", result.rows());
            record.put("bytes_loaded", result.bytes());
            record.put("seconds", String.format(java.util.Locale.ROOT, "%.1f", (System.nanoTime() - started) / 1e9));
            record.put("failed", (long) result.failures().size());
            options.output().record(record);
            return told(result, plan);
        }
    }

    /** Says what is missing, and gives the exit code. */
    private static int told(RestoreResult result, RestorePlan plan) {
        result.kept().forEach(object -> System.err.println("kept " + object + ", which the target had"));
        if (result.failures().isEmpty()) {
            return 0;
        }
        for (RestoreResult.Failure failure : result.failures()) {
            System.err.println("not restored: " + failure.object() + ": " + failure.problem());
            failure.statement().lines().forEach(line -> System.err.println("    " + line));
        }
        throw TidemarkException.permanent(result.failures().size()
                + " objects could not be restored, see above; everything else is there. Mend what is in the way, and give "
                + "the same command with --to-position " + plan.end().at() + " --resume, without --allow-clear");
    }

    private static void confirm(List<CollectionName> inTheWay, String url) throws IOException {
        if (inTheWay.isEmpty()) {
            return;
        }
        System.err.println("In the way in " + url.replaceFirst("(//[^:/@]*):[^@]*@", "$1@") + ":");
        inTheWay.forEach(name -> System.err.println("  " + name));
        if (!Confirmation.of("Drop " + (inTheWay.size() == 1 ? "it" : "all " + inTheWay.size()) + "?")) {
            throw TidemarkException.usage("nothing was dropped; write 'yes' to go on, or give --yes");
        }
    }

    private RestoreResult restore(Configuration configuration, Repository repository, RestorePlan plan, String url)
            throws IOException, InterruptedException {
        RestoreOptions restoreOptions = new RestoreOptions(
                tables,
                allowClear,
                strict,
                resume,
                !noOwner,
                !noPrivileges,
                configuration.integer(Key.RESTORE_JOBS),
                configuration.data().resolve("spool"));
        TargetSettings settings = new TargetSettings(url, Optional.ofNullable(System.getenv(passwordVariable)));
        Progress progress = new Progress();
        try (Target opened = Engines.target(plan.schema().engine(), settings)) {
            Restore restore = new Restore(repository, opened, restoreOptions, new ShownProgress(progress));
            if (allowClear && !yes) {
                confirm(restore.inTheWay(plan), url);
            }
            return restore.run(plan);
        } finally {
            progress.done();
        }
    }

    private static void tell(RestorePlan plan) {
        System.err.println("restoring " + plan.source() + " to transaction "
                + plan.end().id() + " at " + plan.end().coordinate() + ", committed "
                + Micros.toInstant(plan.end().committedAtMicros()));
    }

    private static Map<String, Object> describe(RestorePlan plan) {
        return Output.row(
                "source",
                plan.source(),
                "ends_at_transaction",
                plan.end().id(),
                "committed_at",
                Micros.toInstant(plan.end().committedAtMicros()).toString(),
                "coordinate",
                plan.end().coordinate(),
                "position",
                plan.end().at().toString(),
                "from_snapshot",
                plan.state().snapshot().map(s -> s.end().at().toString()).orElse("none, from the initial copy"),
                "segments",
                (long) plan.state().pieces().size(),
                "objects",
                (long) plan.objects().size(),
                "bytes_to_read",
                plan.bytes(),
                "tables_without_rows",
                plan.tablesWithoutRows().isEmpty()
                        ? "none"
                        : String.join(
                                ", ",
                                plan.tablesWithoutRows().stream()
                                        .map(CollectionName::toString)
                                        .toList()));
    }
}

package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.runtime.DataLock;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.copy.RepositoryCopy;
import io.tidemark.copy.RepositoryRemoval;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.state.RepositoryVerification;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark emergency}. */
@Command(
        name = "emergency",
        mixinStandardHelpOptions = true,
        description = "What to do when there is no time.",
        subcommands = {EmergencyCommand.Offload.class})
final class EmergencyCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: offload");
    }

    /** {@code tidemark emergency offload}. */
    @Command(
            name = "offload",
            mixinStandardHelpOptions = true,
            description = {
                "The disk is full: move the repository to another mount or bucket, read and check all of it there, then free the space here.",
                "Stop 'run' first; it brings what is captured into the repository if there is room, and Kafka keeps the rest. After the move, "
                        + "configure the new place and start 'run' again: it goes on there. Interrupted, start it again."
            })
    static final class Offload implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Parameters(index = "0", paramLabel = "DST", description = "file:DIRECTORY or s3://BUCKET/PREFIX, with room.")
        private String to = "";

        @Option(names = "--yes", description = "Free the space here without asking.")
        private boolean yes;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Configuration configuration = options.configuration();
            try (DataLock lock = DataLock.take(configuration.data(), "");
                    Repository source = options.openRepository();
                    ObjectStore target = Repositories.store(to, configuration)) {
                if (source.location().equals(target.location())) {
                    throw TidemarkException.usage("the repository is at " + to + " already");
                }
                Catalog catalog = options.wholeCatalog(source);
                Progress progress = new Progress();
                int jobs = configuration.integer(Key.RESTORE_JOBS);
                new RepositoryCopy(source, catalog, target, jobs)
                        .run((done, total, bytes) ->
                                progress.show("copied " + done + " of " + total + " commits, " + bytes + " bytes"));
                verify(configuration, catalog, progress);
                if (!yes && !isConfirmed(source.location(), target.location())) {
                    throw TidemarkException.permanent("nothing was deleted at " + source.location()
                            + "; the repository is at both places, and " + to + " was checked");
                }
                long freed = new RepositoryRemoval(source.store())
                        .run(
                                target.location(),
                                (done, bytes) -> progress.show("deleted " + done + " objects, " + bytes + " bytes"));
                progress.done();
                options.output()
                        .record(Output.row(
                                "moved_to",
                                target.location(),
                                "commits",
                                catalog.sequence(),
                                "bytes_freed",
                                freed,
                                "next",
                                "set repository to " + to + " and start 'run'"));
            }
            return 0;
        }

        private void verify(Configuration configuration, Catalog original, Progress progress)
                throws IOException, InterruptedException {
            try (Repository copied =
                    Repository.open(Repositories.store(to, configuration), configuration.keySource())) {
                Catalog catalog = Catalog.loadWhole(copied, Clock.systemUTC());
                RepositoryVerification.Result result = new RepositoryVerification(copied, catalog)
                        .run(
                                RepositoryVerification.Level.FULL,
                                configuration.integer(Key.RESTORE_JOBS),
                                (name, done, total) -> progress.show("checked " + done + " of " + total + " objects"));
                progress.done();
                if (!result.problems().isEmpty() || !catalog.head().equals(original.head())) {
                    throw TidemarkException.corrupt("the copy at " + to + " is not good, nothing was deleted here: "
                            + (result.problems().isEmpty()
                                    ? "its catalog ends elsewhere"
                                    : result.problems().get(0)));
                }
            }
        }

        private static boolean isConfirmed(String from, String to) throws IOException {
            System.err.println("Everything is at " + to + " and was read and checked there.");
            return Confirmation.of("Delete the repository at " + from + "?");
        }
    }
}

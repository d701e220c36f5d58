package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.copy.RepositoryCopy;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.state.RepositoryVerification;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark repo}. */
@Command(
        name = "repo",
        mixinStandardHelpOptions = true,
        description = "Handle whole repositories.",
        subcommands = {RepoCommand.Copy.class})
final class RepoCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: copy");
    }

    /** {@code tidemark repo copy}. */
    @Command(
            name = "copy",
            mixinStandardHelpOptions = true,
            description = {
                "Bring the repository DST up to where SRC is, byte for byte; the same keys open both.",
                "Only what is missing is copied, each object checked on the way; interrupted, it goes on where it was. SRC may be in use; DST "
                        + "must be written by nobody else. 'run' does it continuously with the key 'mirror'."
            })
    static final class Copy implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Parameters(index = "0", paramLabel = "SRC", description = "file:DIRECTORY or s3://BUCKET/PREFIX.")
        private String from = "";

        @Parameters(index = "1", paramLabel = "DST", description = "An empty place, or an earlier copy.")
        private String to = "";

        @Option(names = "--delete", description = "Also delete from DST what SRC has given up and pruned.")
        private boolean delete;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Configuration configuration = options.configuration();
            try (Repository source =
                            Repository.open(Repositories.store(from, configuration), configuration.keySource());
                    ObjectStore target = Repositories.store(to, configuration)) {
                Catalog catalog = Catalog.loadWhole(source, Clock.systemUTC());
                Progress progress = new Progress();
                RepositoryCopy copy =
                        new RepositoryCopy(source, catalog, target, configuration.integer(Key.RESTORE_JOBS));
                RepositoryCopy.Result result = copy.run((done, total, bytes) ->
                        progress.show("copied " + done + " of " + total + " commits, " + bytes + " bytes"));
                progress.done();
                Map<String, Object> record = Output.row(
                        "commits_copied",
                        result.commits(),
                        "objects_copied",
                        result.objects(),
                        "bytes",
                        result.bytes());
                record.put("objects_deleted", delete ? copy.deleteGivenUp() : 0L);
                require(configuration);
                options.output().record(record);
            }
            return 0;
        }

        /** Every object the copy's own catalog names is there, of the right length and, where the store knows it, hash. */
        private void require(Configuration configuration) throws IOException, InterruptedException {
            try (Repository copied =
                    Repository.open(Repositories.store(to, configuration), configuration.keySource())) {
                RepositoryVerification.Result result = new RepositoryVerification(
                                copied, Catalog.loadWhole(copied, Clock.systemUTC()))
                        .run(
                                RepositoryVerification.Level.OBJECTS,
                                configuration.integer(Key.RESTORE_JOBS),
                                (name, done, total) -> {});
                if (!result.problems().isEmpty()) {
                    throw TidemarkException.corrupt(
                            "the copy is not complete: " + result.problems().get(0));
                }
            }
        }
    }
}

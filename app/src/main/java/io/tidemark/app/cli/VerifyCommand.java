package io.tidemark.app.cli;

import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.state.RepositoryVerification;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemark verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Read everything in the repository and check it: the catalog's chain, and each object's presence, hash, encryption and content.",
            "Exits with 3 if anything is wrong."
        })
final class VerifyCommand implements Callable<Integer> {
    private static final int WRONG = 3;

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public Integer call() throws IOException {
        Progress progress = new Progress();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            RepositoryVerification.Result result = new RepositoryVerification(repository, catalog)
                    .run((name, done, total) -> progress.show("checked " + done + " of " + total + " objects"));
            progress.done();
            List<String> problems = result.problems();
            problems.forEach(problem -> System.err.println("tidemark: " + problem));
            options.output()
                    .record(Output.row(
                            "commits",
                            catalog.sequence(),
                            "catalog_head",
                            catalog.head().hex(),
                            "objects",
                            result.objects(),
                            "bytes",
                            result.bytes(),
                            "changes",
                            result.changes(),
                            "problems",
                            problems));
            return problems.isEmpty() ? 0 : WRONG;
        }
    }
}

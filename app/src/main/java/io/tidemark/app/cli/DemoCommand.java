package io.tidemark.app.cli;

import io.tidemark.app.demo.Demo;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemark demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Show the whole of it in about a minute: a bank under load is backed up continuously, a table is lost by a wrong DELETE,",
            "everything is restored to the last transaction before it, and both are compared row by row.",
            "Starts a Kafka broker and, without --source, a PostgreSQL server; both are stopped at the end."
        })
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--source",
            paramLabel = "URL",
            description = "A PostgreSQL server to use; the demo makes two databases there and drops them at the end.")
    private @Nullable String source;

    @Option(
            names = "--directory",
            paramLabel = "DIRECTORY",
            description = "Where repository and key are left; default: ./tidemark-demo.")
    private Path directory = Path.of("tidemark-demo");

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "How long the load runs before the mistake; default: 10.")
    private int seconds = 10;

    @Override
    public Integer call() throws Exception {
        return new Demo(Optional.ofNullable(source), directory, seconds, System.out).run() ? 0 : 1;
    }
}

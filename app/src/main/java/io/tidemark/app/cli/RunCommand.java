package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Role;
import io.tidemark.app.runtime.Service;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Back up all sources, until stopped with Ctrl-C or SIGTERM. Sources that are added, changed or removed",
            "meanwhile are taken up. What fails for one source is tried again and leaves the others alone;",
            "'tidemark status' tells it.",
            "Stopping waits until everything captured is in the repository."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Option(
            names = "--roles",
            paramLabel = "ROLE,...",
            description = "What this process does: kafka, registry, ingest, pipeline, archiver; default: all.")
    private String roles = "kafka,registry,ingest,pipeline,archiver";

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration = options.configuration();
        Set<Role> chosen = Role.parse(roles);
        AtomicBoolean ended = new AtomicBoolean();
        try (Service service = Service.start(configuration, chosen)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stopOnSignal(service, ended), "stop"));
            System.err.println("running ("
                    + String.join(", ", chosen.stream().map(Role::text).toList()) + "); stop with Ctrl-C");
            if (service.lacksSources()) {
                System.err.println(
                        "there is no source yet; 'tidemark source add NAME URL' adds one, also while this runs");
            }
            service.await();
        } finally {
            ended.set(true);
        }
        return 0;
    }

    /** A stop that was asked for is a success; without the last line the signal would be the exit code. */
    private static void stopOnSignal(Service service, AtomicBoolean ended) {
        if (ended.get()) {
            return;
        }
        System.err.println("stopping: what was captured is brought into the repository ...");
        service.close();
        System.err.println("stopped");
        Runtime.getRuntime().halt(0);
    }
}

package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Role;
import io.tidemark.app.runtime.Service;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Back up all sources, until stopped with Ctrl-C or SIGTERM.",
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
        try (Service service = Service.start(configuration, chosen)) {
            Thread main = Thread.currentThread();
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                System.err.println("stopping: what was captured is brought into the repository ...");
                                service.close();
                                main.interrupt();
                                System.err.println("stopped");
                            },
                            "stop"));
            System.err.println("running ("
                    + String.join(", ", chosen.stream().map(Role::text).toList()) + "); stop with Ctrl-C");
            service.await();
        }
        return 0;
    }
}

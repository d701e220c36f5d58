package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.archiver.Reencryption;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.KeyRing;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.crypto.KeySource;
import java.io.IOException;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark key reencrypt}. */
@Command(
        name = "reencrypt",
        mixinStandardHelpOptions = true,
        description = {
            "Make a new data key and write everything that is kept again under it, beside running services, which go over to it.",
            "It is wrapped for the key that is configured and for recipients; other keys open what was written before only, until "
                    + "they are added again. The old commits of the catalog stay: names, sizes and times, no rows.",
            "Where rows are for recipients, run it with the key of the hosts that write, then with --resume and a private key."
        })
final class KeyReencryptCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Option(names = "--resume", description = "Go on with one that was interrupted, instead of making another key.")
    private boolean resume;

    @Override
    public Integer call() throws IOException {
        Configuration configuration = options.configuration();
        run(options, configuration, KeyCommand.current(configuration), resume);
        return 0;
    }

    /** Makes a new data key and writes everything that is kept again. */
    static void run(CommonOptions options, Configuration configuration, KeySource key, boolean resume)
            throws IOException {
        try (Repository repository = Repositories.open(configuration, Optional.of(key))) {
            Catalog catalog = options.catalog(repository);
            boolean opensRows = repository.opensRows();
            if (resume && !opensRows) {
                throw TidemarkException.usage(
                        key.describe()
                                + " does not open rows, which is needed to write them again; do it with the private key of a recipient");
            }
            if (!resume && opensRows && repository.isForRecipients()) {
                throw TidemarkException.usage("the hosts that write would not open a data key made with "
                        + key.describe() + "; run this with their key first, and then here with --resume");
            }
            if (!resume) {
                catalog.changeKey();
            }
            if (!opensRows) {
                System.err.println(
                        "What is written from now on is under a new data key. Now run 'tidemark key reencrypt "
                                + "--resume' where the private key of a recipient is, to write again what is there.");
                return;
            }
            Progress progress = new Progress();
            Reencryption.Result result = new Reencryption(
                            repository,
                            catalog,
                            configuration.data().resolve("spool"),
                            () -> false,
                            (objects, bytes) ->
                                    progress.show("written again: " + objects + " objects, " + bytes + " bytes"))
                    .run();
            progress.done();
            KeyRing keys = KeyRing.of(repository.store(), Clock.systemUTC());
            Set<UUID> replaced = keys.replaced();
            keys.list().stream()
                    .filter(slot -> replaced.contains(slot.key().id()))
                    .forEach(
                            slot -> System.err.println(
                                    "The key " + slot.slot() + " ("
                                            + slot.kind().name().toLowerCase(Locale.ROOT) + " " + slot.hint()
                                            + ") does not open what is written from now on; have it added again with 'key add', or 'key retire' it."));
            System.err.println("What was sealed with the former data key is deleted by 'prune' after prune.grace.");
            options.output().record(Output.row("objects_written", result.objects(), "bytes_written", result.bytes()));
        }
    }
}

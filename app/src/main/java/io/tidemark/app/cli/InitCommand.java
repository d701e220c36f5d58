package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tidemark init}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Make a new, encrypted repository.",
            "The key is written to a new file (key.file, default ./tidemark.key), unless one is given: a passphrase with TIDEMARK_PASSPHRASE, a "
                    + "key with TIDEMARK_KEY, key.command or key.kms. Whoever loses all keys of a repository has lost the backup."
        })
final class InitCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Option(
            names = "--recipient",
            paramLabel = "KEY",
            description =
                    "Public key of who may read rows, from 'key generate --recipient', or a file with it; may be repeated. The "
                            + "repository's own key then writes and reads the catalog, and no rows.")
    private List<String> recipients = new ArrayList<>();

    @Option(names = "--no-encryption", description = "Keep everything readable to whoever reads the repository.")
    private boolean noEncryption;

    @Override
    public Integer call() throws IOException {
        Configuration configuration = options.configuration();
        try (ObjectStore store = Repositories.store(configuration)) {
            if (Repository.exists(store)) {
                throw TidemarkException.permanent("there is a repository at " + store.location()
                        + " already; use it, or name an empty place with --repository");
            }
            List<KeySource> readers =
                    recipients.stream().map(KeyCommand::recipient).toList();
            // Tried before a key file is made, which would be in the way of the next attempt.
            readers.forEach(KeyEncryptionKey::of);
            Optional<KeySource> key = key(configuration);
            try {
                NewRepository.make(store, key, readers);
            } catch (TidemarkException e) {
                removeUnused(key, store);
                throw e;
            }
            System.err.println("Repository made at " + store.location());
            if (!recipients.isEmpty()) {
                System.err.println(
                        "Its rows can be read with the private key of a recipient, and with nothing else, ever.");
            } else if (key.isPresent() && key.get() instanceof KeySource.File file) {
                warn(file.path());
            } else if (key.isEmpty()) {
                System.err.println("It is NOT encrypted, as asked for.");
            }
        }
        return 0;
    }

    private Optional<KeySource> key(Configuration configuration) {
        if (noEncryption && !recipients.isEmpty()) {
            throw TidemarkException.usage("--no-encryption and --recipient exclude each other");
        }
        if (noEncryption) {
            return Optional.empty();
        }
        Optional<KeySource> given = configuration.keySource();
        boolean needsNoFile = given.isPresent() && !(given.get() instanceof KeySource.File);
        return needsNoFile ? given : Optional.of(KeyText.create(configuration.newKeyFile()));
    }

    /** Removes the key file that was made for a repository that was not. */
    private static void removeUnused(Optional<KeySource> key, ObjectStore store) throws IOException {
        if (key.isPresent() && key.get() instanceof KeySource.File file && !Repository.exists(store)) {
            Files.delete(file.path());
        }
    }

    private static void warn(Path file) {
        System.err.println();
        System.err.println("  **********************************************************************");
        System.err.println("  The key is in " + file.toAbsolutePath().normalize());
        System.err.println("  Without this file the backup CANNOT be read, by anybody, ever.");
        System.err.println("  Copy it now to a safe place that is not the repository.");
        System.err.println("  **********************************************************************");
        System.err.println();
    }
}

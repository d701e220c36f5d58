package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.KeyRing;
import io.tidemark.repository.Repository;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeyName;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark key}. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        description = {
            "Say which keys open the repository; data is not rewritten, unless 'reencrypt' does.",
            "Where 'init --recipient' was used, the rows open with a recipient's private key only.",
            "Losing all of them is final: nobody can read the backup then."
        },
        subcommands = {
            KeyCommand.Generate.class,
            KeyCommand.Show.class,
            KeyCommand.Add.class,
            KeyCommand.Rotate.class,
            KeyReencryptCommand.class,
            KeyCommand.Retire.class
        })
final class KeyCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what: generate, list, add, rotate, reencrypt or retire");
    }

    /** A further key, as it is given on the command line. */
    private static final class NewKey {
        @Option(
                names = "--new-key-file",
                paramLabel = "FILE",
                description = "A key file; it is made if it is not there.")
        private @Nullable Path file;

        @Option(
                names = "--new-passphrase-env",
                paramLabel = "VARIABLE",
                description = "Environment variable with a passphrase.")
        private @Nullable String passphraseVariable;

        @Option(
                names = "--recipient",
                paramLabel = "KEY",
                description =
                        "The public key of a recipient, as 'key generate --recipient' prints it, or a file with it.")
        private @Nullable String recipient;

        @Option(names = "--new-key-command", paramLabel = "COMMAND", description = "A command that prints the key.")
        private @Nullable String command;

        @Option(names = "--new-kms-key", paramLabel = "ID", description = "A key in AWS KMS: id, ARN or alias.")
        private @Nullable String kms;

        KeySource source(Configuration configuration) {
            if (file != null) {
                return Files.exists(file) ? new KeySource.File(file) : KeyText.create(file);
            }
            if (command != null) {
                return new KeySource.Command(command);
            }
            if (recipient != null) {
                return recipient(recipient);
            }
            if (kms != null) {
                return new KeySource.Kms(configuration.kms(kms));
            }
            String passphrase = System.getenv(String.valueOf(passphraseVariable));
            if (passphrase == null || passphrase.isEmpty()) {
                throw TidemarkException.usage("the environment has no passphrase in " + passphraseVariable);
            }
            return new KeySource.Passphrase(passphrase);
        }
    }

    /** A public key, or a file with one. */
    static KeySource recipient(String text) {
        return KeyText.isKey(text) ? new KeySource.Given("--recipient", text) : new KeySource.File(Path.of(text));
    }

    static KeySource current(Configuration configuration) {
        return configuration
                .keySource()
                .orElseThrow(() -> TidemarkException.usage(
                        "a key that opens the repository is needed; give it with key.file, --key-file, TIDEMARK_KEY, "
                                + "TIDEMARK_PASSPHRASE, key.command or key.kms"));
    }

    private static Map<String, Object> row(Set<UUID> replaced, WrappedKey wrap) {
        return Output.row(
                "id",
                wrap.slot().toString(),
                "opened_by",
                wrap.kind().name().toLowerCase(Locale.ROOT),
                "hint",
                wrap.hint().isEmpty() ? "-" : wrap.hint(),
                "opens",
                opens(replaced, wrap),
                "made",
                Micros.toInstant(wrap.createdAtMicros()).toString());
    }

    private static String opens(Set<UUID> replaced, WrappedKey wrap) {
        if (replaced.contains(wrap.key().id())) {
            return "what was written before the data key was changed";
        }
        boolean catalogOnly = wrap.key().use() == KeyName.Use.CATALOG && wrap.kind() != WrappedKey.Kind.RECIPIENT;
        return catalogOnly ? "the catalog" : "everything";
    }

    /** {@code tidemark key generate}. */
    @Command(
            name = "generate",
            mixinStandardHelpOptions = true,
            description = "Make a new key in a new file. It opens nothing until 'key add' or 'init' uses it.")
    static final class Generate implements Callable<Integer> {
        @Option(
                names = "--recipient",
                description = "Make a private key and print its public key, for hosts that write and cannot read.")
        private boolean recipient;

        @Parameters(index = "0", paramLabel = "FILE", description = "The file, which must not be there.")
        private Path file = Path.of("tidemark.key");

        @Override
        public Integer call() {
            if (recipient) {
                System.out.println(KeyText.createPair(file).text());
            } else {
                KeyText.create(file);
            }
            System.err.println("The key is in " + file.toAbsolutePath().normalize() + "; keep a copy elsewhere.");
            return 0;
        }
    }

    /** {@code tidemark key list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List what opens the repository. Needs no key.")
    static final class Show implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Override
        public Integer call() throws IOException {
            try (ObjectStore store = Repositories.store(options.configuration())) {
                KeyRing keys = KeyRing.of(store, Clock.systemUTC());
                Set<UUID> replaced = keys.replaced();
                options.output()
                        .table(keys.list().stream()
                                .map(slot -> row(replaced, slot))
                                .toList());
            }
            return 0;
        }
    }

    /** {@code tidemark key add}. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Let a further key open the repository. The one that is configured must open it already.")
    static final class Add implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @ArgGroup(multiplicity = "1")
        private NewKey added = new NewKey();

        @Override
        public Integer call() throws IOException {
            Configuration configuration = options.configuration();
            try (ObjectStore store = Repositories.store(configuration)) {
                KeyRing keys = KeyRing.of(store, Clock.systemUTC());
                KeyRing.Added slot = keys.add(current(configuration), added.source(configuration));
                if (slot.closed() > 0) {
                    System.err.println("It does not open the rows written before now: for that, repeat this with "
                            + "the private key of another recipient as --key-file.");
                }
                options.output().record(row(keys.replaced(), slot.wrap()));
            }
            return 0;
        }
    }

    /** {@code tidemark key rotate}. */
    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = {
                "Put a new key in the place of the one that is configured: the data key is wrapped anew, data stays as it is.",
                "Whoever had the old key may have kept the data key; --reencrypt helps against that."
            })
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @ArgGroup(multiplicity = "1")
        private NewKey added = new NewKey();

        @Option(
                names = "--reencrypt",
                description =
                        "Make a new data key too, and write everything that is kept again, as 'key reencrypt' does.")
        private boolean reencrypt;

        @Override
        public Integer call() throws IOException {
            Configuration configuration = options.configuration();
            KeySource old = current(configuration);
            try (ObjectStore store = Repositories.store(configuration)) {
                KeyRing keys = KeyRing.of(store, Clock.systemUTC());
                List<WrappedKey> before = keys.list();
                KeySource source = added.source(configuration);
                WrappedKey wrap = keys.add(old, source).wrap();
                // Only when the new one is proven to open the repository may the old one go.
                KeyEncryptionKey.of(source).unwrap(wrap);
                KeyEncryptionKey former = KeyEncryptionKey.of(old);
                before.stream()
                        .filter(slot -> !slot.slot().equals(wrap.slot()) && keys.opens(slot, former))
                        .forEach(slot -> keys.retire(slot.slot()));
                System.err.println("From now on " + source.describe() + " opens the repository, and " + old.describe()
                        + " does not; configure it.");
                options.output().record(row(keys.replaced(), wrap));
                if (reencrypt) {
                    KeyReencryptCommand.run(options, configuration, source, false);
                }
            }
            return 0;
        }
    }

    /** {@code tidemark key retire}. */
    @Command(
            name = "retire",
            mixinStandardHelpOptions = true,
            description = "Take a key away, by the id that 'key list' prints. The last one cannot be taken away.")
    static final class Retire implements Callable<Integer> {
        @Mixin
        private CommonOptions options = new CommonOptions();

        @Parameters(index = "0", paramLabel = "ID", description = "As 'key list' prints it.")
        private UUID id = new UUID(0, 0);

        @Override
        public Integer call() throws IOException {
            Configuration configuration = options.configuration();
            try (ObjectStore store = Repositories.store(configuration)) {
                KeyRing keys = KeyRing.of(store, Clock.systemUTC());
                Repository.open(store, Optional.of(current(configuration)));
                keys.retire(id);
                System.err.println("The key " + id + " opens the repository no longer.");
            }
            return 0;
        }
    }
}

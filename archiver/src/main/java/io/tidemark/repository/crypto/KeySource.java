package io.tidemark.repository.crypto;

import java.nio.file.Path;

/** Where the key-encryption key comes from. It is never stored in a repository. */
public sealed interface KeySource {
    /** Words that tell a person which key this is, without telling the key. */
    String describe();

    /** A source that gives the 256-bit key itself, as the text of a key file. */
    sealed interface Raw extends KeySource {
        /**
         * The text of the key.
         *
         * @throws io.tidemark.model.TidemarkException if it cannot be had
         */
        String text();
    }

    /** A file that holds a random 256-bit key. */
    record File(Path path) implements Raw {
        @Override
        public String describe() {
            return "the key file " + path;
        }

        @Override
        public String text() {
            return KeyText.read(path);
        }
    }

    /**
     * The key's text itself, from the environment or the configuration.
     *
     * @param origin where it stands, for messages
     */
    record Given(String origin, String text) implements Raw {
        @Override
        public String describe() {
            return "the key in " + origin;
        }

        @Override
        public String toString() {
            return "Given[" + origin + "]";
        }
    }

    /** A command that prints the key's text, for vaults and key services. Run by a shell. */
    record Command(String command) implements Raw {
        @Override
        public String describe() {
            return "the key command '" + command + "'";
        }

        @Override
        public String text() {
            return KeyText.printedBy(command);
        }
    }

    /** A passphrase that a person remembers. */
    record Passphrase(String text) implements KeySource {
        @Override
        public String describe() {
            return "the passphrase";
        }

        @Override
        public String toString() {
            return "Passphrase[...]";
        }
    }

    /** A key in AWS KMS, which never leaves it: the data key is wrapped and unwrapped there. */
    record Kms(KmsSettings settings) implements KeySource {
        @Override
        public String describe() {
            return "the KMS key " + settings.keyId();
        }
    }
}

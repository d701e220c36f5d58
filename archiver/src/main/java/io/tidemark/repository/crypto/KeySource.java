package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** Where the key-encryption key comes from. It is never stored in a repository. */
public sealed interface KeySource {
    /** Words that tell a person which key this is, without telling the key. */
    String describe();

    /** A file that holds a random 256-bit key. */
    record File(Path path) implements KeySource {
        private static final String PREFIX = "tidemark-key-v1:";
        private static final int KEY_BYTES = 32;

        @Override
        public String describe() {
            return "the key file " + path;
        }

        /**
         * Makes a new key file, readable by its owner alone.
         *
         * @throws TidemarkException if the file exists or cannot be written
         */
        public static File create(Path path) {
            byte[] key = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(key);
            String text = PREFIX + Base64.getEncoder().encodeToString(key) + "\n";
            try {
                Path parent = path.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createFile(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(path, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
                return new File(path);
            } catch (java.nio.file.FileAlreadyExistsException e) {
                throw new TidemarkException(
                        TidemarkException.Kind.PERMANENT,
                        "the key file " + path + " exists already; name another with --key-file, or move it away",
                        e);
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot write the key file " + path + ": " + e.getMessage(), e);
            }
        }

        /** The key itself. */
        byte[] read() {
            try {
                String text = Files.readString(path, StandardCharsets.US_ASCII).strip();
                if (text.startsWith(PREFIX)) {
                    byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
                    if (key.length == KEY_BYTES) {
                        return key;
                    }
                }
                throw TidemarkException.usage(path + " is not a Tidemark key file");
            } catch (NoSuchFileException e) {
                throw new TidemarkException(
                        TidemarkException.Kind.NOT_FOUND,
                        "there is no key file " + path + "; name the right one with key.file or --key-file",
                        e);
            } catch (IOException | IllegalArgumentException e) {
                throw TidemarkException.permanent("cannot read the key file " + path + ": " + e.getMessage(), e);
            }
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
}

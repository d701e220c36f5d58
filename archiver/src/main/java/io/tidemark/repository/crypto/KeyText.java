package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Keys of 256 bits as text: a prefix that says what it is, and base64. */
public final class KeyText {
    private static final String PREFIX = "tidemark-key-v1:";
    private static final int KEY_BYTES = 32;
    private static final int COMMAND_PATIENCE_SECONDS = 60;
    private static final int MAX_TEXT_BYTES = 4096;

    private KeyText() {}

    /**
     * Makes a new key in a new file, readable by its owner alone.
     *
     * @throws TidemarkException if the file exists or cannot be written
     */
    public static KeySource.File create(Path path) {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        String text = PREFIX + Base64.getEncoder().encodeToString(key) + "\n";
        try {
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(path, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            return new KeySource.File(path);
        } catch (FileAlreadyExistsException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.PERMANENT,
                    "the key file " + path + " exists already; name another, or move it away",
                    e);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot write the key file " + path + ": " + e.getMessage(), e);
        }
    }

    static String read(Path path) {
        try {
            return Files.readString(path, StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.NOT_FOUND,
                    "there is no key file " + path + "; name the right one with key.file or --key-file",
                    e);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read the key file " + path + ": " + e.getMessage(), e);
        }
    }

    /** What a command prints; what it says on standard error goes to the person. */
    static String printedBy(String command) {
        try {
            Process process = new ProcessBuilder("/bin/sh", "-c", command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readNBytes(MAX_TEXT_BYTES), StandardCharsets.US_ASCII);
            if (!process.waitFor(COMMAND_PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw TidemarkException.permanent(
                        "the key command '" + command + "' did not end in " + COMMAND_PATIENCE_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw TidemarkException.permanent(
                        "the key command '" + command + "' ended with " + process.exitValue() + "; run it by hand");
            }
            return text;
        } catch (IOException e) {
            throw TidemarkException.permanent("the key command '" + command + "' cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.permanent("interrupted while waiting for the key command", e);
        }
    }

    /** The key that a source gives. */
    static byte[] key(KeySource.Raw source) {
        String text = source.text().strip();
        if (text.startsWith(PREFIX)) {
            try {
                byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
                if (key.length == KEY_BYTES) {
                    return key;
                }
            } catch (IllegalArgumentException e) {
                throw new TidemarkException(
                        TidemarkException.Kind.USAGE, source.describe() + " is not a Tidemark key", e);
            }
        }
        throw TidemarkException.usage(source.describe() + " is not a Tidemark key");
    }
}

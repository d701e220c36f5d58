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
import java.util.concurrent.TimeUnit;

/** Keys as text: a line with a prefix that says what it is, and base64; lines that begin with # are for people. */
public final class KeyText {
    private static final String KEY = "tidemark-key-v1:";
    private static final String PRIVATE_KEY = "tidemark-private-key-v1:";
    private static final String RECIPIENT = "tidemark-recipient-v1:";
    private static final int KEY_BYTES = 32;
    private static final int COMMAND_PATIENCE_SECONDS = 60;
    private static final int MAX_TEXT_BYTES = 4096;

    private KeyText() {}

    /**
     * Makes a new key of 256 bits in a new file, readable by its owner alone.
     *
     * @throws TidemarkException if the file exists or cannot be written
     */
    public static KeySource.File create(Path path) {
        write(path, KEY + KeyWrap.base64(KeyWrap.random(KEY_BYTES)) + "\n");
        return new KeySource.File(path);
    }

    /**
     * Makes a new X25519 private key in a new file, readable by its owner alone.
     *
     * @return the public key, which is no secret
     * @throws TidemarkException if the file exists or cannot be written
     */
    public static KeySource.Given createPair(Path path) {
        byte[] key = KeyWrap.random(KEY_BYTES);
        String recipient = RECIPIENT + KeyWrap.base64(Hpke.publicKey(key));
        write(path, "# public key: " + recipient + "\n" + PRIVATE_KEY + KeyWrap.base64(key) + "\n");
        return new KeySource.Given("the public key", recipient);
    }

    private static void write(Path path, String text) {
        try {
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(path, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
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

    /** Whether a text is meant to be a key, and not the name of a file with one. */
    public static boolean isKey(String text) {
        return text.startsWith("tidemark-");
    }

    /** The key that a source gives. */
    static KeyEncryptionKey parse(KeySource.Raw source) {
        String text = source.text()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .findFirst()
                .orElse("");
        try {
            if (text.startsWith(KEY)) {
                return new RawKey(source.describe(), bytes(text, KEY));
            }
            if (text.startsWith(PRIVATE_KEY)) {
                return new PrivateKey(source.describe(), bytes(text, PRIVATE_KEY));
            }
            if (text.startsWith(RECIPIENT)) {
                return new Recipient(bytes(text, RECIPIENT));
            }
            throw TidemarkException.usage(source.describe() + " is not a Tidemark key");
        } catch (IllegalArgumentException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE, source.describe() + " is a damaged Tidemark key", e);
        }
    }

    private static byte[] bytes(String text, String prefix) {
        byte[] key = KeyWrap.bytes(text.substring(prefix.length()));
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException(key.length + " bytes");
        }
        return key;
    }
}

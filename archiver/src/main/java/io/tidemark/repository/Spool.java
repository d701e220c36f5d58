package io.tidemark.repository;

import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.ObjectContent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Optional;

/**
 * A temporary file in which an object is assembled before it is put, so that memory does not grow with objects. Written
 * once through {@link #out()}, then {@link #finish}ed and read as content. Deleted on close. Not thread-safe.
 */
public final class Spool implements ObjectContent, AutoCloseable {
    private final Path file;
    private final DigestOutputStream out;
    private Optional<Sha256> sha256 = Optional.empty();
    private long length;

    private Spool(Path file, OutputStream target) {
        this.file = file;
        out = new DigestOutputStream(new BufferedOutputStream(target, 256 * 1024), Sha256.digest());
    }

    /** Opens a new spool file in the directory, readable by its owner alone. */
    public static Spool create(Path directory) {
        try {
            PrivateDirectory.create(directory);
            Path file = Files.createTempFile(directory, "spool", ".tmp");
            return new Spool(file, Files.newOutputStream(file));
        } catch (IOException e) {
            throw TidemarkException.permanent(
                    "cannot write temporary files in " + directory + ": " + e.getMessage(), e);
        }
    }

    public OutputStream out() {
        return out;
    }

    /** Ends writing and tells the content's hash. */
    public Sha256 finish() throws IOException {
        if (sha256.isEmpty()) {
            out.close();
            length = Files.size(file);
            sha256 = Optional.of(Sha256.finish(out.getMessageDigest().digest()));
        }
        return sha256.get();
    }

    @Override
    public long lengthBytes() {
        return length;
    }

    @Override
    public InputStream open() throws IOException {
        return Files.newInputStream(file);
    }

    public Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(file);
    }
}

package io.tidemark.app.runtime;

import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A lock on a data directory, so that two processes never share one. Ends with the process at the latest. Whoever has the
 * lock has an identity that the directory keeps.
 */
public final class DataLock implements AutoCloseable {
    private static final int IDENTITY_BYTES = 36;
    private static final Pattern IDENTITY = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;
    private final UUID identity;

    private DataLock(Path file, FileChannel channel, UUID identity) {
        this.file = file;
        this.channel = channel;
        this.identity = identity;
    }

    /**
     * Takes the lock.
     *
     * @param suffix tells apart processes that may share the directory; empty for those that may not
     * @throws TidemarkException of kind PERMANENT if somebody has it
     */
    public static DataLock take(Path data, String suffix) throws IOException {
        PrivateDirectory.create(data);
        Path file = data.resolve("lock" + suffix).toAbsolutePath();
        // To open a file that this process has locked, and to close it again, would give the lock back.
        if (!HELD.add(file)) {
            throw held(data);
        }
        try {
            return take(data, file);
        } catch (IOException | RuntimeException e) {
            HELD.remove(file);
            throw e;
        }
    }

    private static TidemarkException held(Path data) {
        return TidemarkException.permanent(
                "another Tidemark runs in " + data + "; stop it first, or give another directory with --data");
    }

    private static DataLock take(Path data, Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!isFree(channel)) {
            channel.close();
            throw held(data);
        }
        try {
            return new DataLock(file, channel, identity(channel));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** As the file has it; one that was not written whole is replaced. */
    private static UUID identity(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(IDENTITY_BYTES);
        while (text.hasRemaining() && channel.read(text, text.position()) >= 0) {}
        String written = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
        if (IDENTITY.matcher(written).matches()) {
            return UUID.fromString(written);
        }
        UUID identity = UUID.randomUUID();
        ByteBuffer bytes = ByteBuffer.wrap(identity.toString().getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            channel.write(bytes, bytes.position());
        }
        return identity;
    }

    /** The same each time that this lock is taken, and nobody else's. */
    public UUID identity() {
        return identity;
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }
}

package io.tidemark.repository.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Objects as files below a directory. A put writes and syncs a temporary file and then links it to its name: the link
 * fails if the name is taken, which makes it put-if-absent, and the directory is synced, which makes it durable.
 */
public final class FileObjectStore implements ObjectStore {
    private static final String TEMPORARY = ".tmp";

    private final Path root;

    public FileObjectStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public boolean putIfAbsent(ObjectName name, ObjectContent content) throws IOException {
        Path path = path(name);
        if (Files.exists(path)) {
            return false;
        }
        createDirectories(directoryOf(path));
        Path temporary = root.resolve(TEMPORARY).resolve(UUID.randomUUID().toString());
        createDirectories(directoryOf(temporary));
        try {
            write(temporary, content);
            Files.createLink(path, temporary);
            sync(directoryOf(path));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    @Override
    public Optional<ObjectReader> open(ObjectName name) throws IOException {
        try {
            return Optional.of(new FileReader(FileChannel.open(path(name), StandardOpenOption.READ)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectName name) throws IOException {
        try {
            return Optional.of(describe(name, path(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static StoredObject describe(ObjectName name, Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new StoredObject(
                name, attributes.size(), attributes.lastModifiedTime().toInstant(), Optional.empty());
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> consumer) throws IOException {
        int slash = prefix.lastIndexOf('/');
        Path directory = slash < 0 ? root : root.resolve(prefix.substring(0, slash));
        if (Files.isDirectory(directory)) {
            listBelow(directory, prefix, after, consumer);
        }
    }

    private void listBelow(Path directory, String prefix, String after, Consumer<StoredObject> consumer)
            throws IOException {
        List<Path> entries;
        try (Stream<Path> stream = Files.list(directory)) {
            entries = stream.sorted().toList();
        }
        for (Path entry : entries) {
            String name = root.relativize(entry).toString().replace('\\', '/');
            if (Files.isDirectory(entry)) {
                listBelow(entry, prefix, after, consumer);
            } else if (name.startsWith(prefix) && name.compareTo(after) > 0 && ObjectName.isValid(name)) {
                tell(new ObjectName(name), entry, consumer);
            }
        }
    }

    /** What is deleted while the directory is read is left out. */
    private static void tell(ObjectName name, Path file, Consumer<StoredObject> consumer) throws IOException {
        StoredObject found;
        try {
            found = describe(name, file);
        } catch (NoSuchFileException e) {
            return;
        }
        consumer.accept(found);
    }

    @Override
    public Deletion delete(ObjectName name) throws IOException {
        Path path = path(name);
        try {
            if (!Files.deleteIfExists(path)) {
                return Deletion.ABSENT;
            }
        } catch (AccessDeniedException e) {
            return Deletion.LOCKED;
        }
        sync(directoryOf(path));
        return Deletion.DELETED;
    }

    @Override
    public int abandonUnfinished(Instant olderThan) throws IOException {
        Path directory = root.resolve(TEMPORARY);
        int count = 0;
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(olderThan) && Files.deleteIfExists(file)) {
                        count++;
                    }
                }
            }
        }
        return count;
    }

    @Override
    public String location() {
        return "file:" + root;
    }

    @Override
    public void close() {}

    private Path path(ObjectName name) {
        return root.resolve(name.text());
    }

    private static Path directoryOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("no directory holds " + path);
        }
        return parent;
    }

    private static void createDirectories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            return;
        }
        if (parent != null) {
            sync(parent);
        }
    }

    private static void write(Path file, ObjectContent content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = Channels.newOutputStream(channel);
            try (InputStream in = content.open()) {
                in.transferTo(out);
            }
            channel.force(true);
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private record FileReader(FileChannel channel) implements ObjectReader {
        @Override
        public long lengthBytes() {
            try {
                return channel.size();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void readFully(long position, byte[] target, int start, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(target, start, count);
            while (buffer.hasRemaining()) {
                int read = channel.read(buffer, position + (count - buffer.remaining()));
                if (read < 0) {
                    throw new EOFException("ends at byte " + channel.size() + ", " + (position + count) + " expected");
                }
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}

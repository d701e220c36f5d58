package io.tidemark.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories of tests. */
public final class Directories {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long ENOUGH_BYTES = 8L << 30;

    private Directories() {}

    /**
     * Where directories of tests are made: in memory where the system offers enough of it, since tests write and flush a
     * lot and read it once; {@code -Dtidemark.tests.directory} names another place.
     */
    private static Path home() throws IOException {
        String given = System.getProperty("tidemark.tests.directory", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        boolean memory = Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > ENOUGH_BYTES;
        return memory ? MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** A new directory that other users may enter, since servers may run as other users. */
    public static Path create(String name) throws IOException {
        Path directory = Files.createTempDirectory(home(), "tidemark-" + name);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    /** Deletes a directory when the process ends, if that is not done before: those in memory would stay there. */
    public static void deleteAtExit(Path directory) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                delete(directory);
            } catch (IOException e) {
                System.err.println(directory + " stays: " + e);
            }
        }));
    }

    /** Deletes a directory with everything in it; nothing if it is not there. */
    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> found = Files.walk(directory)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}

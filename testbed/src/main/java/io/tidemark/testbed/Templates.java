package io.tidemark.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is made once and used by all test processes: unpacked programs, and the data directories of new servers. It is kept
 * under the build's directory until that is cleaned.
 */
public final class Templates {
    /** Where the build says; tests that are run by hand without it keep theirs with the system's temporary files. */
    private static final Path HOME = Path.of(System.getProperty(
                    "tidemark.testbed",
                    Path.of(System.getProperty("java.io.tmpdir"), "tidemark-testbed-" + System.getProperty("user.name"))
                            .toString()))
            .toAbsolutePath();

    /** What {@code tar} unpacks PostgreSQL's archive with. */
    private static final Path XZ = Path.of("/usr/bin/xz");

    private static final Pattern JAR = Pattern.compile("([^/]+)\\.jar!");

    private Templates() {}

    /** Tells apart versions of an installed program. */
    public static String stamp(Path program) {
        try {
            return Files.size(program) + "-"
                    + Files.getLastModifiedTime(program).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + program, e);
        }
    }

    /** An archive of the class path, and the name of the jar that it is in, which has its version. */
    public record Bundled(URL archive, String jar) {
        /**
         * Finds it.
         *
         * @throws IllegalStateException if it is not in a jar of the class path
         */
        public static Bundled find(String resource) {
            URL archive = Objects.requireNonNull(Bundled.class.getResource(resource), resource);
            Matcher matcher = JAR.matcher(archive.toString());
            if (!matcher.find()) {
                throw new IllegalStateException(archive + " is not in a jar");
            }
            return new Bundled(archive, matcher.group(1));
        }

        /** The directory with what is in the archive; unpacked with {@code tar} if no process did it before. */
        public Path unpacked() throws IOException, InterruptedException {
            DebianPackages.require(XZ, "xz-utils");
            return get(jar, directory -> {
                Path file = directory.resolve("archive");
                try (var in = archive.openStream()) {
                    Files.copy(in, file);
                }
                Programs.run(java.util.List.of("tar", "-xf", file.toString(), "-C", directory.toString()));
                Files.delete(file);
            });
        }
    }

    /** Makes a directory's content. */
    public interface Maker {
        void make(Path directory) throws IOException, InterruptedException;
    }

    /**
     * The directory of that name; it is made now if no process made it before.
     *
     * @param name contains the version of what is in it
     */
    public static synchronized Path get(String name, Maker maker) throws IOException, InterruptedException {
        Path made = HOME.resolve(name);
        if (Files.exists(made)) {
            return made;
        }
        Files.createDirectories(HOME);
        try (FileChannel channel = FileChannel.open(
                        HOME.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (Files.notExists(made)) {
                Path unfinished = HOME.resolve(name + ".unfinished");
                Directories.delete(unfinished);
                Files.createDirectories(unfinished);
                maker.make(unfinished);
                Files.move(unfinished, made);
            }
        }
        return made;
    }
}

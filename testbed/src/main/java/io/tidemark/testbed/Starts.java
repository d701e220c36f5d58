package io.tidemark.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** Notes each start of a server, a broker or a role's process, and what it took, for the report at the end of a build. */
public final class Starts {
    private static final Optional<Path> DIRECTORY =
            Optional.ofNullable(System.getProperty("tidemark.starts")).map(Path::of);

    private Starts() {}

    /** Does something and notes its time. */
    public interface Start<T> {
        T run() throws IOException, InterruptedException;
    }

    /**
     * Starts something.
     *
     * @param kind of what is started, like {@code PostgreSQL 18}
     */
    public static <T> T timed(String kind, Start<T> start) throws IOException, InterruptedException {
        long began = System.nanoTime();
        T started = start.run();
        note(kind, Duration.ofNanos(System.nanoTime() - began));
        return started;
    }

    /** Notes a start. */
    public static synchronized void note(String kind, Duration took) {
        DIRECTORY.ifPresent(directory -> {
            try {
                Files.createDirectories(directory);
                Files.writeString(
                        directory.resolve(ProcessHandle.current().pid() + ".tsv"),
                        kind + "\t" + took.toMillis() + "\n",
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot note a start in " + directory, e);
            }
        });
    }
}

package io.tidemark.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs that the build of this module took from the registry of artifacts, as files. */
public final class Distributions {
    private static final Path DIRECTORY = Path.of(System.getProperty(
                    "tidemark.distributions",
                    Path.of("..", "testbed", "target", "distributions").toString()))
            .toAbsolutePath();

    private Distributions() {}

    /**
     * The file whose name begins so.
     *
     * @throws IOException if the build did not bring it
     */
    public static Path find(String name) throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException(DIRECTORY + " has no " + name + "; build testbed first"));
        }
    }
}

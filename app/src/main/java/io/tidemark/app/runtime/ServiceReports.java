package io.tidemark.app.runtime;

import io.tidemark.model.Json;
import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the processes that run on a data directory say of themselves: a file each, rewritten every second, so that
 * {@code status} sees who lives, and why something fails. Safe from any thread.
 */
public final class ServiceReports {
    private static final String SUFFIX = ".json";

    private final Path directory;

    public ServiceReports(Path data) {
        directory = data.resolve("service");
    }

    /** Writes what a process says, in place of what it said before. */
    void write(ServiceState state) throws IOException {
        PrivateDirectory.create(directory);
        Path temporary = directory.resolve(state.roles() + ".tmp");
        Files.write(temporary, Json.bytes(state));
        Files.move(temporary, file(state.roles()), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Forgets a process that ends. */
    void remove(String roles) throws IOException {
        Files.deleteIfExists(file(roles));
    }

    private Path file(String roles) {
        return directory.resolve(roles + SUFFIX);
    }

    /** What they said last; a process that died is still among them. */
    public List<ServiceState> list() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<ServiceState> states = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
                read(file, states);
            }
            return states;
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + directory + ": " + e.getMessage(), e);
        }
    }

    private static void read(Path file, List<ServiceState> states) throws IOException {
        try {
            states.add(Json.read(Files.readAllBytes(file), ServiceState.class, file.toString()));
        } catch (NoSuchFileException e) {
            // It ended meanwhile.
        }
    }
}

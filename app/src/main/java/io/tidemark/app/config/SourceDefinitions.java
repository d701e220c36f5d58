package io.tidemark.app.config;

import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The definitions of sources, one file each, readable by their owner alone because they may hold passwords. */
public final class SourceDefinitions {
    private static final String SUFFIX = ".json";

    private final Path directory;

    public SourceDefinitions(Path data) {
        directory = data.resolve("sources");
    }

    /** All definitions, by name. */
    public List<SourceDefinition> list() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<SourceDefinition> definitions = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
                definitions.add(read(file));
            }
            return definitions;
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * The definition of one source.
     *
     * @throws TidemarkException of kind NOT_FOUND if there is none
     */
    public SourceDefinition get(String name) {
        try {
            return read(file(name));
        } catch (NoSuchFileException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.NOT_FOUND,
                    "there is no source '" + name + "' in " + directory + "; add it with 'tidemark source add'",
                    e);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot read " + file(name) + ": " + e.getMessage(), e);
        }
    }

    public boolean exists(String name) {
        return Files.exists(file(name));
    }

    /** Writes a definition, in place of an older one of that name. */
    public void put(SourceDefinition definition) {
        Path file = file(definition.name());
        try {
            Files.createDirectories(directory);
            Path temporary = Files.createTempFile(
                    directory,
                    definition.name(),
                    ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(temporary, Json.bytes(definition));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    public void remove(String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot delete " + file(name) + ": " + e.getMessage(), e);
        }
    }

    private Path file(String name) {
        return directory.resolve(new Topics(name).source() + SUFFIX);
    }

    private static SourceDefinition read(Path file) throws IOException {
        return Json.read(Files.readAllBytes(file), SourceDefinition.class, file.toString());
    }
}

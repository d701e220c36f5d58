package io.tidemark.app.config;

import io.tidemark.model.Json;
import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** The definitions of sources, one file each, readable by their owner alone because they may hold passwords. */
public final class SourceDefinitions {
    private static final String SUFFIX = ".json";
    /** Of the file of a source that is being removed; it does not run any more. */
    private static final String REMOVED_SUFFIX = ".removed";

    private final Path directory;

    public SourceDefinitions(Path data) {
        directory = data.resolve("sources");
    }

    /** All definitions, by name. */
    public List<SourceDefinition> list() {
        return names().stream().map(this::get).toList();
    }

    /** The names of all sources. */
    public List<String> names() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(SUFFIX))
                    .map(file -> file.substring(0, file.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
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
            PrivateDirectory.create(directory);
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

    /**
     * Begins to remove a source, or goes on with that: nobody runs it from now on.
     *
     * @return its definition
     * @throws TidemarkException of kind NOT_FOUND if there is none
     */
    public SourceDefinition beginRemoval(String name) {
        Path removed = removed(name);
        try {
            if (!Files.exists(removed)) {
                SourceDefinition definition = get(name);
                Files.move(file(name), removed, StandardCopyOption.ATOMIC_MOVE);
                return definition;
            }
            return read(removed);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot change " + file(name) + ": " + e.getMessage(), e);
        }
    }

    /** Gives a removal up; the source runs again. */
    public void giveUpRemoval(String name) {
        try {
            Files.move(removed(name), file(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot change " + removed(name) + ": " + e.getMessage(), e);
        }
    }

    /** Ends a removal. */
    public void endRemoval(String name) {
        try {
            Files.deleteIfExists(removed(name));
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot delete " + removed(name) + ": " + e.getMessage(), e);
        }
    }

    /** Whether a removal was begun and not ended. */
    public boolean isBeingRemoved(String name) {
        return Files.exists(removed(name));
    }

    private Path removed(String name) {
        return directory.resolve(new Topics(name).source() + REMOVED_SUFFIX);
    }

    private Path file(String name) {
        return directory.resolve(new Topics(name).source() + SUFFIX);
    }

    private static SourceDefinition read(Path file) throws IOException {
        return Json.read(Files.readAllBytes(file), SourceDefinition.class, file.toString());
    }
}

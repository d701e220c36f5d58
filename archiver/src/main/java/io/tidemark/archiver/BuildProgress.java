package io.tidemark.archiver;

import io.tidemark.model.Json;
import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.state.SnapshotManifest.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * How far the building of a snapshot is, in a file of one JSON object a line: which snapshot, then each finished part. A
 * build that was interrupted goes on behind the last one. Losing the file costs the work done, nothing else. Not
 * thread-safe.
 */
final class BuildProgress {
    /**
     * Which snapshot is built.
     *
     * @param base the manifest of the snapshot before, of which it is built
     */
    record Target(TransactionEnd end, Optional<ObjectName> base) {}

    /**
     * A part that is finished.
     *
     * @param next keys of the collection before this one are done; empty if all are
     */
    private record Finished(String collection, Part part, Optional<byte[]> next) {}

    private final Path file;
    private final Target target;
    private final BooleanSupplier cancelled;
    private final Map<String, List<Finished>> finished = new LinkedHashMap<>();
    private List<Part> resumed = List.of();
    private String collection = "";

    private BuildProgress(Path file, Target target, BooleanSupplier cancelled) {
        this.file = file;
        this.target = target;
        this.cancelled = cancelled;
    }

    /** Where the progress of a source's snapshot stands. */
    static Path file(Path directory, String source) {
        return directory.resolve("snapshot-" + source + ".progress");
    }

    /** Which snapshot was being built when its building was interrupted. */
    static Optional<Target> interrupted(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (java.io.BufferedReader lines = Files.newBufferedReader(file)) {
            String first = lines.readLine();
            return first == null
                    ? Optional.empty()
                    : Optional.of(Json.read(bytes(first), Target.class, "the first line of " + file));
        } catch (TidemarkException e) {
            // Cut off in the middle of a write; it is only a shortcut.
            return Optional.empty();
        }
    }

    /** Goes on with a build, or begins it if the file is about another. */
    static BuildProgress of(Path file, Target target, BooleanSupplier cancelled) throws IOException {
        BuildProgress progress = new BuildProgress(file, target, cancelled);
        if (interrupted(file).equals(Optional.of(target))) {
            progress.read();
            progress.resumed = progress.finished.values().stream()
                    .flatMap(List::stream)
                    .map(Finished::part)
                    .toList();
        } else {
            PrivateDirectory.create(Objects.requireNonNull(file.toAbsolutePath().getParent()));
            Files.deleteIfExists(file);
            progress.write(target);
        }
        return progress;
    }

    private void read() throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (String line : lines.subList(1, lines.size())) {
            try {
                Finished part = Json.read(bytes(line), Finished.class, "a line of " + file);
                finished.computeIfAbsent(part.collection(), c -> new ArrayList<>())
                        .add(part);
            } catch (TidemarkException e) {
                // The last line was being written.
                return;
            }
        }
    }

    private static byte[] bytes(String line) {
        return line.getBytes(StandardCharsets.UTF_8);
    }

    Target target() {
        return target;
    }

    /** The parts that were finished before an interruption. */
    List<Part> resumed() {
        return resumed;
    }

    /** Turns to a collection. */
    void begin(String collectionId) {
        collection = collectionId;
    }

    /** The collection's finished parts. */
    List<Part> parts() {
        return finished.getOrDefault(collection, List.of()).stream()
                .map(Finished::part)
                .toList();
    }

    /** Whether nothing of the collection is left to do. */
    boolean isComplete() {
        List<Finished> parts = finished.getOrDefault(collection, List.of());
        return !parts.isEmpty() && parts.get(parts.size() - 1).next().isEmpty();
    }

    /** Keys of the collection before this one are done. */
    Optional<byte[]> next() {
        List<Finished> parts = finished.getOrDefault(collection, List.of());
        return parts.isEmpty() ? Optional.empty() : parts.get(parts.size() - 1).next();
    }

    void finished(Part part, Optional<byte[]> next) throws IOException {
        Finished line = new Finished(collection, part, next);
        finished.computeIfAbsent(collection, c -> new ArrayList<>()).add(line);
        write(line);
        check();
    }

    /**
     * Ends the build if that was asked for.
     *
     * @throws TidemarkException of kind TRANSIENT
     */
    void check() {
        if (cancelled.getAsBoolean()) {
            throw new TidemarkException(
                    TidemarkException.Kind.TRANSIENT,
                    "the snapshot was stopped; the next one goes on behind the parts that are finished");
        }
    }

    private void write(Object line) throws IOException {
        Files.write(
                file,
                (new String(Json.bytes(line), StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** The snapshot is in the catalog. */
    void done() throws IOException {
        Files.deleteIfExists(file);
    }
}

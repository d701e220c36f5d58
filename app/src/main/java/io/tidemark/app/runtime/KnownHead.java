package io.tidemark.app.runtime;

import io.tidemark.model.Json;
import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The newest commit of a repository that this installation has seen. A chain cannot tell that its end was cut off;
 * somebody who remembers the end can.
 */
public final class KnownHead {
    /** What is remembered. */
    private record Head(long sequence, Sha256 sha256) {}

    private final Path data;
    private final Path file;

    /**
     * @param data the data directory; nothing is remembered where there is none
     * @param repository by its place too: a copy of it elsewhere may be behind
     */
    public KnownHead(Path data, Repository repository) {
        this.data = data;
        String place = Sha256.of(repository.location().getBytes(StandardCharsets.UTF_8))
                .brief();
        file = data.resolve("heads").resolve(repository.identity().repositoryId() + "-" + place + ".json");
    }

    /**
     * Compares the catalog with what is remembered, and remembers it.
     *
     * @throws TidemarkException of kind VERIFICATION if commits that were there are gone
     */
    public void check(Catalog catalog) {
        try {
            if (Files.exists(file)) {
                Head known = Json.read(Files.readAllBytes(file), Head.class, file.toString());
                boolean shorter = catalog.sequence() < known.sequence();
                boolean other = catalog.sequence() == known.sequence()
                        && !catalog.head().equals(known.sha256());
                if (shorter || other) {
                    throw TidemarkException.corrupt("the catalog was rolled back: it ends at commit "
                            + catalog.sequence() + ", but commit " + known.sequence() + " with SHA-256 "
                            + known.sha256() + " was seen; bring the missing commits back from a copy (or delete "
                            + file + " if the repository was replaced on purpose)");
                }
            }
            if (Files.isDirectory(data)) {
                remember(new Head(catalog.sequence(), catalog.head()));
            }
        } catch (IOException e) {
            throw TidemarkException.permanent(
                    "cannot remember the catalog's end in " + file + ": " + e.getMessage(), e);
        }
    }

    private void remember(Head head) throws IOException {
        PrivateDirectory.create(data.resolve("heads"));
        Path temporary = Files.createTempFile(data, "head", ".tmp");
        Files.write(temporary, Json.bytes(head));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

package io.tidemark.retention;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whose archive a place is: what is swept there must never be another repository's. */
final class ArchivePlace {
    private static final int MAX_BYTES = 1024;

    private ArchivePlace() {}

    /**
     * Makes a place this repository's archive, if it is nobody's.
     *
     * @throws TidemarkException of kind USAGE if it is another's, or a repository itself
     */
    static void claim(Repository repository, ObjectStore place) throws IOException {
        if (place.stat(RepositoryLayout.IDENTITY).isPresent()) {
            throw TidemarkException.usage(
                    "there is a repository at " + place.location() + "; an archive needs a place of its own");
        }
        place.putIfAbsent(RepositoryLayout.ARCHIVE_OF, ObjectContent.of(id(repository)));
        if (!isOf(repository, place)) {
            throw TidemarkException.usage(
                    place.location() + " is the archive of another repository; name a place of its own");
        }
    }

    /** Whether a place was made this repository's archive. */
    static boolean isOf(Repository repository, ObjectStore place) {
        try {
            Optional<ObjectReader> found = place.open(RepositoryLayout.ARCHIVE_OF);
            if (found.isEmpty()) {
                return false;
            }
            try (ObjectReader reader = found.get()) {
                byte[] there = new byte[(int) Math.min(MAX_BYTES, reader.lengthBytes())];
                reader.readFully(0, there, 0, there.length);
                return java.util.Arrays.equals(there, id(repository));
            }
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot read the archive " + place.location() + ": " + e.getMessage(), e);
        }
    }

    private static byte[] id(Repository repository) {
        return (repository.identity().repositoryId() + "\n").getBytes(StandardCharsets.UTF_8);
    }
}

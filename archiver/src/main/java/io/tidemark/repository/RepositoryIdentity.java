package io.tidemark.repository;

import java.util.Optional;
import java.util.UUID;

/**
 * What stands in {@code tidemark.json}, the only object that is never encrypted besides the wrapped key.
 *
 * @param format version of the repository format
 * @param repositoryId bound into every encrypted object
 * @param keyId the data key; empty if the repository is not encrypted
 */
public record RepositoryIdentity(int format, UUID repositoryId, Optional<UUID> keyId) {
    /** The format this code reads and writes. */
    public static final int FORMAT = 2;
}

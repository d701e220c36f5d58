package io.tidemark.repository.catalog;

import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import java.util.Optional;
import java.util.UUID;

/**
 * The end of a catalog's chain at one time, kept where nobody who can write the repository can reach it. A chain cannot
 * tell that its end was cut off or that all of it was written anew; an anchor can.
 *
 * @param version of this form, 1
 * @param takenAtMicros µs since 1970 UTC
 * @param sequence the last commit
 * @param head the SHA-256 of that commit as stored
 */
public record Anchor(int version, UUID repositoryId, long takenAtMicros, long sequence, Sha256 head) {
    public static final int VERSION = 1;

    /** The end of the chain now. */
    public static Anchor of(Repository repository, Catalog catalog, long nowMicros) {
        return new Anchor(VERSION, repository.identity().repositoryId(), nowMicros, catalog.sequence(), catalog.head());
    }

    /**
     * Checks that the chain still goes through here.
     *
     * @param catalog loaded as a whole, so that what follows the anchor is known to follow it
     * @throws TidemarkException of kind VERIFICATION if not
     */
    public void check(Repository repository, Catalog catalog) {
        if (!repositoryId.equals(repository.identity().repositoryId())) {
            throw TidemarkException.corrupt("the anchor is about the repository " + repositoryId + ", not about "
                    + repository.identity().repositoryId() + " at " + repository.location());
        }
        Optional<Repository.Stored> commit =
                sequence == 0 ? Optional.empty() : repository.find(RepositoryLayout.commit(sequence));
        boolean same =
                sequence == 0 || commit.filter(c -> c.sha256().equals(head)).isPresent();
        if (catalog.sequence() < sequence || !same) {
            throw TidemarkException.corrupt("the catalog was rolled back or written anew: the anchor saw commit "
                    + sequence + " with SHA-256 " + head + ", which "
                    + (catalog.sequence() < sequence ? "is not there" : "is another now"));
        }
    }
}

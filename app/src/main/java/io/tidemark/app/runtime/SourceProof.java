package io.tidemark.app.runtime;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceContent;
import io.tidemark.model.CollectionContent;
import io.tidemark.model.ContentComparison;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.plan.RestoreTo;
import io.tidemark.restorer.plan.TargetResolver;
import io.tidemark.state.RepositoryContent;
import io.tidemark.state.RepositoryState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Proves that a repository holds what the live source holds: reads the source as of one place of its log, waits until that
 * is archived, and compares the digests of every collection there. An equal outcome is put into the catalog.
 */
public final class SourceProof {
    /**
     * What came of it.
     *
     * @param end the transaction at whose end both were compared
     * @param differences one sentence each; none if both are equal
     */
    public record Outcome(TransactionEnd end, int collections, long rows, List<String> differences) {
        public Outcome {
            differences = List.copyOf(differences);
        }
    }

    private final Repository repository;
    private final Catalog catalog;
    private final Path spoolDirectory;

    public SourceProof(Repository repository, Catalog catalog, Path spoolDirectory) {
        this.repository = repository;
        this.catalog = catalog;
        this.spoolDirectory = spoolDirectory;
    }

    /**
     * Compares.
     *
     * @param patience how long to wait for the archiver
     * @throws TidemarkException of kind PERMANENT if what was read is not archived by then
     */
    public Outcome run(String name, Source source, Duration patience) throws InterruptedException {
        SourceContent live = source.content();
        long askedAt = source.requestSeal(UUID.randomUUID().toString());
        ArchiveProgress.await(catalog, name, askedAt, patience);
        SourceHistory history = catalog.history(name);
        TransactionEnd end =
                new TargetResolver(repository, history).resolve(new RestoreTo.Coordinate(live.coordinate()));
        List<CollectionContent> kept =
                RepositoryContent.of(RepositoryState.at(repository, history, end), spoolDirectory);
        List<String> differences = new ArrayList<>(
                ContentComparison.differences("the source", live.collections(), "the repository", kept));
        live.uncaptured().forEach(table -> differences.add(table + " is in the source and is not captured"));
        long rows = kept.stream().mapToLong(CollectionContent::count).sum();
        if (differences.isEmpty()) {
            catalog.commit(newest -> List.of(new CatalogEntry.SourceProven(name, end, kept.size(), rows)));
        }
        return new Outcome(end, kept.size(), rows, differences);
    }
}

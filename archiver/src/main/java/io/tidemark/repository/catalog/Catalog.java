package io.tidemark.repository.catalog;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.store.ObjectName;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The repository's list of commits and the state they add up to. A commit is one object, put only if its number is
 * free: of two writers one wins, and the other looks again. Thread-safe.
 */
public final class Catalog {
    private final Repository repository;
    private final Clock clock;
    private final TreeMap<String, SourceHistory> sources = new TreeMap<>();
    private Sha256 head = Sha256.NONE;
    private long sequence;

    private Catalog(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
    }

    /**
     * Reads the whole catalog and checks its chain.
     *
     * @throws TidemarkException of kind VERIFICATION if a commit is missing, altered or out of order
     */
    public static Catalog load(Repository repository, Clock clock) {
        Catalog catalog = new Catalog(repository, clock);
        AtomicLong newest = new AtomicLong();
        repository.list(
                RepositoryLayout.CATALOG_PREFIX, "", found -> newest.set(RepositoryLayout.sequence(found.name())));
        catalog.refresh();
        if (catalog.sequence < newest.get()) {
            throw TidemarkException.corrupt("catalog commit " + RepositoryLayout.commit(catalog.sequence + 1)
                    + " is missing, but later ones exist; bring it back from a copy");
        }
        return catalog;
    }

    /** Reads commits that others have added since. */
    public synchronized void refresh() {
        while (true) {
            ObjectName name = RepositoryLayout.commit(sequence + 1);
            Optional<Repository.Stored> stored = repository.find(name);
            if (stored.isEmpty()) {
                return;
            }
            Commit commit = Json.read(stored.get().plain(), Commit.class, "catalog commit " + name);
            if (commit.sequence() != sequence + 1 || !commit.previous().equals(head)) {
                throw TidemarkException.corrupt(
                        "catalog commit " + name
                                + " does not follow the one before it: a commit was altered, replaced or put in another's place");
            }
            apply(commit, stored.get().sha256());
        }
    }

    /**
     * Adds what {@code change} asks for, given the newest state. If another writer is faster, the state is read again
     * and {@code change} is asked again.
     *
     * @param change returns the entries to add, none if nothing is to be done
     * @return whether anything was added
     */
    public synchronized boolean commit(Function<Catalog, List<CatalogEntry>> change) {
        while (true) {
            refresh();
            List<CatalogEntry> entries = change.apply(this);
            if (entries.isEmpty()) {
                return false;
            }
            Commit commit = new Commit(sequence + 1, head, Micros.of(clock.instant()), entries);
            if (repository.putIfAbsent(RepositoryLayout.commit(commit.sequence()), Json.bytes(commit))) {
                refresh();
                return true;
            }
        }
    }

    private void apply(Commit commit, Sha256 sha256) {
        for (CatalogEntry entry : commit.entries()) {
            sources.computeIfAbsent(entry.source(), SourceHistory::new).apply(entry, commit.committedAtMicros());
        }
        sequence = commit.sequence();
        head = sha256;
    }

    /** The names of all sources the catalog knows, sorted. */
    public synchronized List<String> sources() {
        return List.copyOf(sources.keySet());
    }

    /**
     * A copy of what is known of a source, which later commits do not change.
     *
     * @throws TidemarkException of kind NOT_FOUND if the catalog does not know the source
     */
    public synchronized SourceHistory history(String source) {
        SourceHistory history = sources.get(source);
        if (history == null) {
            throw TidemarkException.notFound("the repository holds nothing of a source '" + source + "'"
                    + (sources.isEmpty() ? "; it is empty" : "; it holds " + String.join(", ", sources.keySet())));
        }
        return history.copy();
    }

    /** Whether the catalog knows the source. */
    public synchronized boolean knows(String source) {
        return sources.containsKey(source);
    }

    /** Whether exactly this stretch of the source is archived. */
    public synchronized boolean holds(String source, io.tidemark.plan.Stretch stretch) {
        SourceHistory history = sources.get(source);
        return history != null && history.holds(stretch);
    }

    /** The number of the last commit, 0 if there is none. */
    public synchronized long sequence() {
        return sequence;
    }

    /** The SHA-256 of the last commit as stored. */
    public synchronized Sha256 head() {
        return head;
    }
}

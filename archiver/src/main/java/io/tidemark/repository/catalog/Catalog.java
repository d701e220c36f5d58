package io.tidemark.repository.catalog;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.store.ObjectName;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
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
    private long checkpointed;
    /** The data key of the last commit; only one that was made in its place can follow. */
    private Optional<UUID> sealedWith;

    private Catalog(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
        sealedWith = repository.identity().keyId();
    }

    /**
     * Reads the catalog from its newest checkpoint on and checks its chain from there.
     *
     * @throws TidemarkException of kind VERIFICATION if a commit is missing, altered or out of order
     */
    public static Catalog load(Repository repository, Clock clock) {
        Catalog catalog = new Catalog(repository, clock);
        catalog.begin();
        catalog.readAll();
        return catalog;
    }

    /** The same from the first commit on, trusting no checkpoint. */
    public static Catalog loadWhole(Repository repository, Clock clock) {
        Catalog catalog = new Catalog(repository, clock);
        catalog.readAll();
        return catalog;
    }

    /** Takes over the newest checkpoint, if the commit it ends with is the one it says. */
    private void begin() {
        List<ObjectName> checkpoints = new ArrayList<>();
        repository.list(
                RepositoryLayout.CHECKPOINT_PREFIX, "", RepositoryLayout.ours(found -> checkpoints.add(found.name())));
        if (checkpoints.isEmpty()) {
            return;
        }
        ObjectName name = checkpoints.get(checkpoints.size() - 1);
        Optional<Repository.Stored> stored = repository.find(name);
        if (stored.isEmpty()) {
            return;
        }
        Checkpoint checkpoint = Json.read(stored.get().plain(), Checkpoint.class, "object " + name);
        ObjectName last = RepositoryLayout.commit(checkpoint.sequence());
        Optional<Repository.Stored> commit =
                repository.find(last).filter(found -> found.sha256().equals(checkpoint.head()));
        if (commit.isEmpty()) {
            throw TidemarkException.corrupt("catalog commit " + last + " is not the one that " + name
                    + " was made of: one of them was altered, replaced or is missing");
        }
        // Which keys came before is told by the commits before.
        commit.get().keyId().ifPresent(keyId -> repository.requireSuccessor(keyId, Optional.empty(), last));
        sealedWith = commit.get().keyId();
        checkpoint.sources().forEach(source -> sources.put(source.source(), SourceHistory.of(source)));
        sequence = checkpoint.sequence();
        head = checkpoint.head();
        checkpointed = sequence;
    }

    private void readAll() {
        List<Long> sequences = new ArrayList<>();
        String after = sequence == 0 ? "" : RepositoryLayout.commit(sequence).text();
        repository.list(
                RepositoryLayout.CATALOG_PREFIX,
                after,
                RepositoryLayout.ours(found -> sequences.add(RepositoryLayout.sequence(found.name()))));
        new CommitReader(repository).read(sequences, read -> {
            if (read.sequence() != sequence + 1 || read.stored().isEmpty()) {
                throw TidemarkException.corrupt("catalog commit " + RepositoryLayout.commit(sequence + 1)
                        + " is missing, but later ones exist; bring it back from a copy");
            }
            follow(RepositoryLayout.commit(read.sequence()), read.stored().get());
        });
        refresh();
    }

    /**
     * Puts a checkpoint, if so many commits came since the last one.
     *
     * @return whether one was put
     */
    public synchronized boolean checkpoint(long everyCommits) {
        if (sequence - checkpointed < everyCommits) {
            return false;
        }
        Checkpoint checkpoint = new Checkpoint(
                Checkpoint.VERSION,
                sequence,
                head,
                sources.values().stream().map(SourceHistory::state).toList());
        byte[] json = Json.bytes(checkpoint);
        repository.putIfAbsent(RepositoryLayout.checkpoint(sequence), json, sealedWith);
        checkpointed = sequence;
        return true;
    }

    /** Reads commits that others have added since. */
    public synchronized void refresh() {
        while (true) {
            ObjectName name = RepositoryLayout.commit(sequence + 1);
            Optional<Repository.Stored> stored = repository.find(name);
            if (stored.isEmpty()) {
                break;
            }
            follow(name, stored.get());
        }
        sealedWith.ifPresent(repository::use);
    }

    private void follow(ObjectName name, Repository.Stored stored) {
        Commit commit = Json.read(stored.plain(), Commit.class, "catalog commit " + name);
        if (commit.sequence() != sequence + 1 || !commit.previous().equals(head)) {
            throw TidemarkException.corrupt("catalog commit " + name
                    + " does not follow the one before it: a commit was altered, replaced or put in another's place");
        }
        goOverTo(stored.keyId(), name);
        apply(commit, stored.sha256());
    }

    private void goOverTo(Optional<UUID> keyId, ObjectName name) {
        if (keyId.isEmpty() || keyId.equals(sealedWith)) {
            return;
        }
        repository.requireSuccessor(keyId.get(), sealedWith, name);
        sealedWith = keyId;
    }

    /**
     * Seals this and all later commits, and all new objects, with a new data key. What is there stays as it is. Running
     * writers go over with their next look at the catalog, if their key opens the new one.
     */
    public synchronized void changeKey() {
        Optional<UUID> next;
        do {
            refresh();
            next = Optional.of(repository.newDataKey());
        } while (!put(List.of(), next));
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
            if (put(entries, sealedWith)) {
                return true;
            }
        }
    }

    private boolean put(List<CatalogEntry> entries, Optional<UUID> keyId) {
        Commit commit = new Commit(sequence + 1, head, Micros.of(clock.instant()), entries);
        boolean first = repository.putIfAbsent(RepositoryLayout.commit(commit.sequence()), Json.bytes(commit), keyId);
        if (first) {
            refresh();
        }
        return first;
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

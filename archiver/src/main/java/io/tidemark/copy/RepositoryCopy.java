package io.tidemark.copy;

import io.tidemark.model.Json;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryIdentity;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.Commit;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import io.tidemark.state.SnapshotManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings a second repository up to where the first is, byte for byte: for each commit the second does not have first the
 * objects it names, then the commit itself. At every moment the second is a whole repository of some time ago, and an
 * interrupted copy goes on where it was. Every object is checked against the catalog's SHA-256 on the way. Safe beside writers;
 * not thread-safe.
 */
public final class RepositoryCopy {
    /** Hears how far it is. */
    public interface Progress {
        void commit(long done, long total, long bytes);
    }

    /**
     * What was done.
     *
     * @param commits that were copied
     * @param objects that were copied for them
     */
    public record Result(long commits, long objects, long bytes) {}

    private final Repository from;
    private final ObjectStore to;
    private final Catalog catalog;
    private final int jobs;
    private final Set<ObjectName> live = new HashSet<>();
    private long copied;
    private long objects;
    private long bytes;

    /**
     * @param catalog of the repository that is copied from
     * @param jobs how many objects are copied at once
     */
    public RepositoryCopy(Repository from, Catalog catalog, ObjectStore to, int jobs) {
        this.from = from;
        this.to = to;
        this.catalog = catalog;
        this.jobs = jobs;
    }

    /**
     * Copies what is missing; may be called again and again.
     *
     * @throws TidemarkException of kind PERMANENT if the other place holds another repository, or one that went its own way
     */
    public Result run(Progress progress) throws InterruptedException {
        try {
            catalog.refresh();
            identity();
            collectLive();
            long have = common();
            long total = catalog.sequence();
            for (long sequence = have + 1; sequence <= total; sequence++) {
                copy(sequence);
                copied = sequence;
                progress.commit(sequence - have, total - have, bytes);
            }
            copied = total;
            copyCheckpoints();
            return new Result(total - have, objects, bytes);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private TidemarkException failure(IOException e) {
        return TidemarkException.transientFailure(
                "the copy from " + from.location() + " to " + to.location() + " stopped: " + e.getMessage()
                        + "; started again it goes on there",
                e);
    }

    /** The keys and, as the last of them, what makes it a repository. */
    private void identity() throws IOException {
        if (Repository.exists(to)) {
            RepositoryIdentity there = Repository.identity(to);
            if (!there.equals(from.identity())) {
                throw TidemarkException.permanent("there is another repository at " + to.location() + " ("
                        + there.repositoryId() + "); name an empty place or an earlier copy");
            }
        }
        copyKeys(RepositoryLayout.KEYS_PREFIX);
        copyKeys(RepositoryLayout.CONTENT_KEYS_PREFIX);
        StoredObject identity = from.store().stat(RepositoryLayout.IDENTITY).orElseThrow();
        to.putIfAbsent(
                RepositoryLayout.IDENTITY,
                new StoredContent(from.store(), RepositoryLayout.IDENTITY, identity.bytes()));
    }

    private void copyKeys(String prefix) throws IOException {
        List<StoredObject> keys = new ArrayList<>();
        from.store().list(prefix, "", RepositoryLayout.ours(keys::add));
        for (StoredObject key : keys) {
            to.putIfAbsent(key.name(), new StoredContent(from.store(), key.name(), key.bytes()));
        }
    }

    /** A key that was retired must not open the copy either; but one that is the last of its kind is not given up. */
    private void collectRetiredKeys(String prefix, List<ObjectName> gone) throws IOException {
        Set<ObjectName> kept = new HashSet<>();
        Set<String> dataKeys = new HashSet<>();
        from.store().list(prefix, "", key -> {
            kept.add(key.name());
            dataKeys.add(RepositoryLayout.wrappingsBeside(key.name()));
        });
        to.list(prefix, "", key -> {
            if (!kept.contains(key.name()) && dataKeys.contains(RepositoryLayout.wrappingsBeside(key.name()))) {
                gone.add(key.name());
            }
        });
    }

    /** Objects that the newest state names; others a commit names may be gone already. */
    private void collectLive() {
        live.clear();
        for (String source : catalog.sources()) {
            catalog.history(source).objects().forEach(ref -> live.add(ref.name()));
        }
    }

    private SnapshotManifest manifest(ObjectRef ref) {
        return SnapshotManifest.read(from, ref);
    }

    /** The last commit the other place has, which must be the same here. */
    private long common() throws IOException {
        long[] last = {copied};
        String after = copied == 0 ? "" : RepositoryLayout.commit(copied).text();
        to.list(RepositoryLayout.CATALOG_PREFIX, after, RepositoryLayout.ours(found -> {
            long next = RepositoryLayout.sequence(found.name());
            if (next == last[0] + 1) {
                last[0] = next;
            }
        }));
        ObjectName name = RepositoryLayout.commit(Math.max(1, last[0]));
        boolean same = last[0] == 0
                || (last[0] <= catalog.sequence() && sha256(to, name).equals(sha256(from.store(), name)));
        if (!same) {
            throw TidemarkException.permanent("the repository at " + to.location()
                    + " went its own way: its commit " + last[0] + " is not that of " + from.location()
                    + "; a copy must not be written by anybody else");
        }
        return last[0];
    }

    /** What spares a reader of the copy most of the commits. */
    private void copyCheckpoints() throws IOException {
        List<StoredObject> checkpoints = new ArrayList<>();
        from.store().list(RepositoryLayout.CHECKPOINT_PREFIX, "", RepositoryLayout.ours(checkpoints::add));
        for (StoredObject checkpoint : checkpoints) {
            if (RepositoryLayout.sequence(checkpoint.name()) <= copied
                    && to.stat(checkpoint.name()).isEmpty()) {
                to.putIfAbsent(
                        checkpoint.name(), new StoredContent(from.store(), checkpoint.name(), checkpoint.bytes()));
            }
        }
    }

    private static Optional<Sha256> sha256(ObjectStore store, ObjectName name) throws IOException {
        Optional<StoredObject> found = store.stat(name);
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(new StoredContent(store, name, found.get().bytes()).sha256());
    }

    private void copy(long sequence) throws IOException, InterruptedException {
        ObjectName name = RepositoryLayout.commit(sequence);
        Repository.Stored stored =
                from.find(name).orElseThrow(() -> TidemarkException.corrupt("catalog commit " + name + " is missing"));
        Commit commit = Json.read(stored.plain(), Commit.class, "catalog commit " + name);
        Set<ObjectRef> named = new LinkedHashSet<>();
        for (CatalogEntry entry : commit.entries()) {
            collect(entry, named);
        }
        copy(named);
        long length = from.store().stat(name).orElseThrow().bytes();
        to.putIfAbsent(name, new StoredContent(from.store(), name, length));
    }

    private void collect(CatalogEntry entry, Set<ObjectRef> named) {
        if (entry instanceof CatalogEntry.SegmentAdded added) {
            collect(added.object(), named);
        } else if (entry instanceof CatalogEntry.RunAdded added) {
            added.object().ifPresent(object -> collect(object, named));
        } else if (entry instanceof CatalogEntry.SchemaAdded added) {
            collect(added.object(), named);
        } else if (entry instanceof CatalogEntry.SnapshotAdded added) {
            collectSnapshot(added.manifest(), named);
        } else if (entry instanceof CatalogEntry.Resealed resealed) {
            for (CatalogEntry.Replacement replacement : resealed.objects()) {
                if (replacement.isManifest()) {
                    collectSnapshot(replacement.object(), named);
                } else {
                    collect(replacement.object(), named);
                }
            }
        }
    }

    private void collectSnapshot(ObjectRef manifest, Set<ObjectRef> named) {
        if (live.contains(manifest.name())) {
            manifest(manifest).objects().forEach(named::add);
            named.add(manifest);
        }
    }

    private void collect(ObjectRef object, Set<ObjectRef> named) {
        if (live.contains(object.name())) {
            named.add(object);
        }
    }

    private void copy(Set<ObjectRef> named) throws IOException, InterruptedException {
        if (named.isEmpty()) {
            return;
        }
        ExecutorService executor = Executors.newFixedThreadPool(jobs);
        try {
            List<Callable<Boolean>> copies = new ArrayList<>();
            ObjectCopy copy = new ObjectCopy(from, to);
            named.forEach(ref -> copies.add(() -> copy.copy(ref)));
            List<ObjectRef> refs = List.copyOf(named);
            List<Future<Boolean>> done = executor.invokeAll(copies);
            for (int i = 0; i < refs.size(); i++) {
                if (done.get(i).get()) {
                    objects++;
                    bytes += refs.get(i).bytes();
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkException failure) {
                throw failure;
            }
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * Deletes from the copy what the first repository has given up: objects it neither keeps nor waits to sweep, and keys.
     *
     * @return how many
     */
    public long deleteGivenUp() {
        Set<ObjectName> kept = new HashSet<>(live);
        for (String source : catalog.sources()) {
            catalog.history(source)
                    .snapshots()
                    .forEach(snapshot -> manifest(snapshot.manifest()).objects().forEach(ref -> kept.add(ref.name())));
            catalog.history(source).retired().forEach(retired -> {
                kept.add(retired.object().name());
                if (retired.isManifest() && from.stat(retired.object().name()).isPresent()) {
                    manifest(retired.object()).objects().forEach(ref -> kept.add(ref.name()));
                }
            });
        }
        List<ObjectName> gone = new ArrayList<>();
        try {
            to.list("", "", found -> {
                if (RepositoryLayout.isData(found.name()) && !kept.contains(found.name())) {
                    gone.add(found.name());
                }
            });
            collectRetiredKeys(RepositoryLayout.KEYS_PREFIX, gone);
            collectRetiredKeys(RepositoryLayout.CONTENT_KEYS_PREFIX, gone);
            long deleted = 0;
            for (ObjectName name : gone) {
                deleted += to.delete(name) == Deletion.DELETED ? 1 : 0;
            }
            return deleted;
        } catch (IOException e) {
            throw failure(e);
        }
    }
}

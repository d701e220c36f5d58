package io.tidemark.state;

import io.tidemark.model.ContentDigest;
import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.SectionFile;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.StoredObject;
import io.tidemark.state.SnapshotManifest.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Checks the objects the catalog names, as deeply as is asked for. Goes on after a problem, so that all are told. The
 * chain of the catalog itself was checked when it was loaded.
 */
public final class RepositoryVerification {
    /** How deep. Each level does what the ones before it do. */
    public enum Level {
        /** Every object is there, by the store's listing. */
        CATALOG,
        /** Every object has its length and, where the store knows it, its SHA-256; nothing is read. */
        OBJECTS,
        /** Every object is read, hashed, decrypted and decoded; rows are counted and digested. */
        FULL
    }

    /** Hears how far it is. */
    public interface Progress {
        void checked(String object, int done, int total);
    }

    /**
     * What was found.
     *
     * @param changes in segments, runs and parts; 0 if nothing was read
     * @param closedSnapshots whose parts were not checked: their archive is not configured, or the key does not open rows
     * @param problems one sentence each, with the object's name
     */
    public record Result(long objects, long bytes, long changes, long closedSnapshots, List<String> problems) {
        public Result {
            problems = List.copyOf(problems);
        }
    }

    /** How an object's content is checked once its bytes are. */
    private interface Content {
        long check(ObjectRef ref);
    }

    /** What became of one object. */
    private record Checked(ObjectRef ref, long changes, Optional<String> problem) {}

    private final Repository repository;
    private final Catalog catalog;
    private final Map<ObjectRef, Content> objects = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private long closedSnapshots;

    public RepositoryVerification(Repository repository, Catalog catalog) {
        this.repository = repository;
        this.catalog = catalog;
    }

    /**
     * Checks everything.
     *
     * @param jobs how many objects are looked at at once
     * @throws TidemarkException of kind PERMANENT if rows are to be read with a key that does not open them
     */
    public Result run(Level level, int jobs, Progress progress) throws InterruptedException {
        boolean opensRows = repository.opensRows();
        for (String source : catalog.sources()) {
            collect(catalog.history(source), opensRows);
        }
        Map<ObjectName, StoredObject> listed = level == Level.CATALOG ? list() : Map.of();
        ExecutorService executor = Executors.newFixedThreadPool(jobs);
        try {
            ExecutorCompletionService<Checked> completed = new ExecutorCompletionService<>(executor);
            objects.forEach((ref, content) -> completed.submit(check(level, ref, content, listed)));
            return await(completed, progress);
        } finally {
            executor.shutdownNow();
        }
    }

    private Result await(ExecutorCompletionService<Checked> completed, Progress progress) throws InterruptedException {
        long bytes = 0;
        long changes = 0;
        for (int done = 1; done <= objects.size(); done++) {
            try {
                Checked checked = completed.take().get();
                bytes += checked.ref().bytes();
                changes += checked.changes();
                checked.problem().ifPresent(problems::add);
                progress.checked(checked.ref().name().text(), done, objects.size());
            } catch (ExecutionException e) {
                throw e.getCause() instanceof TidemarkException failure
                        ? failure
                        : TidemarkException.permanent("the verification failed: " + e, e);
            }
        }
        return new Result(objects.size(), bytes, changes, closedSnapshots, problems);
    }

    private Callable<Checked> check(Level level, ObjectRef ref, Content content, Map<ObjectName, StoredObject> listed) {
        return () -> {
            try {
                return new Checked(ref, changes(level, ref, content, listed), Optional.empty());
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                    throw e;
                }
                return new Checked(ref, 0, Optional.of(String.valueOf(e.getMessage())));
            }
        };
    }

    private long changes(Level level, ObjectRef ref, Content content, Map<ObjectName, StoredObject> listed) {
        if (level == Level.FULL) {
            repository.verify(ref);
            return content.check(ref);
        }
        Optional<StoredObject> found =
                level == Level.CATALOG ? Optional.ofNullable(listed.get(ref.name())) : repository.stat(ref.name());
        StoredObject stored = found.orElseThrow(() -> TidemarkException.corrupt(
                "object " + ref.name() + " is missing from the repository; bring it back from a copy"));
        if (stored.bytes() != ref.bytes()) {
            throw TidemarkException.corrupt("object " + ref.name() + " has " + stored.bytes()
                    + " bytes, the catalog says " + ref.bytes() + ": it was truncated or replaced");
        }
        if (stored.sha256().isPresent() && !stored.sha256().get().equals(ref.sha256())) {
            throw TidemarkException.corrupt(
                    "object " + ref.name() + " was replaced: its SHA-256 is not the one in the catalog");
        }
        return 0;
    }

    private Map<ObjectName, StoredObject> list() {
        Map<ObjectName, StoredObject> listed = new HashMap<>();
        for (String source : catalog.sources()) {
            repository.list(source + "/", "", found -> listed.put(found.name(), found));
        }
        repository.listArchive(found -> listed.putIfAbsent(found.name(), found));
        return listed;
    }

    private void collect(SourceHistory history, boolean opensRows) {
        history.schemas().values().forEach(ref -> objects.put(ref, this::checkSchema));
        for (int epoch : history.epochs()) {
            history.archived(epoch).forEach(a -> a.object().ifPresent(ref -> objects.put(ref, this::checkSections)));
        }
        for (CatalogEntry.SnapshotAdded snapshot : history.snapshots()) {
            objects.put(snapshot.manifest(), ref -> 0);
            boolean outOfReach = history.inArchive(snapshot.end().at()).isPresent()
                    && repository.archive().isEmpty();
            if (outOfReach || !opensRows) {
                closedSnapshots++;
                continue;
            }
            try {
                SnapshotManifest.read(repository, snapshot.manifest()).collections().stream()
                        .flatMap(collection -> collection.parts().stream())
                        .forEach(part -> objects.put(part.object(), ref -> checkPart(part)));
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                    throw e;
                }
                // The manifest itself is checked below, which tells what is wrong with it; its parts stay unknown.
                problems.add(
                        "the parts of the snapshot at " + snapshot.end().at() + " cannot be found: " + e.getMessage());
            }
        }
    }

    private long checkSchema(ObjectRef ref) {
        Json.read(repository.read(ref), SourceSchema.class, "object " + ref.name());
        return 0;
    }

    private long checkSections(ObjectRef ref) {
        return open(ref).verify();
    }

    private long checkPart(Part part) {
        ContentDigest.Sum digest = new ContentDigest.Sum();
        long rows = open(part.object()).verify(row -> digest.add(row.array(), row.afterStart(), row.afterLength(), 1));
        if (rows != part.rows() || !digest.digest().equals(part.digest())) {
            throw TidemarkException.corrupt("object " + part.object().name()
                    + " does not hold the rows that its snapshot was made of: their number or digest differs");
        }
        return rows;
    }

    private SectionFile open(ObjectRef ref) {
        return SectionFile.open(repository, ref);
    }
}

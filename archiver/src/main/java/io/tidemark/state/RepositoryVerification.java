package io.tidemark.state;

import io.tidemark.model.Json;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.SectionFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks every object the catalog names: that it is there, that its bytes are those the catalog knows, that they
 * decrypt, and that what they hold is what its footer says. Goes on after a problem, so that all are told.
 */
public final class RepositoryVerification {
    /** Hears how far it is. */
    public interface Progress {
        void checked(String object, int done, int total);
    }

    /**
     * What was found.
     *
     * @param changes in segments and parts
     * @param problems one sentence each, with the object's name
     */
    public record Result(long objects, long bytes, long changes, List<String> problems) {
        public Result {
            problems = List.copyOf(problems);
        }
    }

    /** How an object's content is checked once its bytes are. */
    private interface Content {
        long check(ObjectRef ref);
    }

    private final Repository repository;
    private final Catalog catalog;
    private final Map<ObjectRef, Content> objects = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    public RepositoryVerification(Repository repository, Catalog catalog) {
        this.repository = repository;
        this.catalog = catalog;
    }

    /** Checks everything. */
    public Result run(Progress progress) {
        for (String source : catalog.sources()) {
            collect(catalog.history(source));
        }
        long bytes = 0;
        long changes = 0;
        int done = 0;
        for (Map.Entry<ObjectRef, Content> entry : objects.entrySet()) {
            ObjectRef ref = entry.getKey();
            try {
                repository.verify(ref);
                changes += entry.getValue().check(ref);
                bytes += ref.bytes();
            } catch (TidemarkException e) {
                problems.add(e.getMessage());
            }
            progress.checked(ref.name().text(), ++done, objects.size());
        }
        return new Result(objects.size(), bytes, changes, problems);
    }

    private void collect(SourceHistory history) {
        history.schemas().forEach(ref -> objects.put(ref, this::checkSchema));
        for (int epoch : history.epochs()) {
            history.contiguous(epoch).forEach(a -> a.object().ifPresent(ref -> objects.put(ref, this::checkSections)));
        }
        for (CatalogEntry.SnapshotAdded snapshot : history.snapshots()) {
            objects.put(snapshot.manifest(), ref -> 0);
            try {
                manifest(snapshot.manifest())
                        .collections()
                        .forEach(c -> c.parts().forEach(part -> objects.put(part, this::checkSections)));
            } catch (TidemarkException e) {
                // The manifest itself is checked below, which tells what is wrong with it; its parts stay unknown.
                problems.add(
                        "the parts of the snapshot at " + snapshot.end().at() + " cannot be found: " + e.getMessage());
            }
        }
    }

    private SnapshotManifest manifest(ObjectRef ref) {
        return Json.read(repository.read(ref), SnapshotManifest.class, "object " + ref.name());
    }

    private long checkSchema(ObjectRef ref) {
        Json.read(repository.read(ref), SourceSchema.class, "object " + ref.name());
        return 0;
    }

    private long checkSections(ObjectRef ref) {
        return SectionFile.open(ref.name().text(), () -> repository.open(ref)).verify();
    }
}

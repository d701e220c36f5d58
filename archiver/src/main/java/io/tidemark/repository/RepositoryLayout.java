package io.tidemark.repository;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Position;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.store.ObjectName;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/** The names of all objects of a repository; the only place that makes them. */
public final class RepositoryLayout {
    public static final ObjectName IDENTITY = new ObjectName("tidemark.json");
    /** Where a repository was moved to, as text; nothing else of it is left. */
    public static final ObjectName MOVED = new ObjectName("moved.txt");

    public static final String CATALOG_PREFIX = "catalog/";

    public static final String CHECKPOINT_PREFIX = "checkpoints/";

    private static final Pattern DATA = Pattern.compile("[^/]+/(segments|runs|schemas|snapshots)/.+");

    private RepositoryLayout() {}

    /** The prefix of the wrappings of a data key. */
    public static String keys(UUID keyId) {
        return "keys/" + keyId + "/";
    }

    public static ObjectName key(UUID keyId, UUID wrapId) {
        return new ObjectName(keys(keyId) + wrapId + ".json");
    }

    /** A commit; the number is padded so that names sort as numbers do. */
    public static ObjectName commit(long sequence) {
        return new ObjectName(String.format(Locale.ROOT, "%s%012d.json", CATALOG_PREFIX, sequence));
    }

    /** What the commits up to this one add up to. */
    public static ObjectName checkpoint(long sequence) {
        return new ObjectName(String.format(Locale.ROOT, "%s%012d.json", CHECKPOINT_PREFIX, sequence));
    }

    /** The number of a commit, given its name. */
    public static long sequence(ObjectName commit) {
        return number(commit, CATALOG_PREFIX);
    }

    /** The number of the last commit in a checkpoint, given its name. */
    public static long checkpointed(ObjectName checkpoint) {
        return number(checkpoint, CHECKPOINT_PREFIX);
    }

    private static long number(ObjectName name, String prefix) {
        String digits = name.text().substring(prefix.length()).replace(".json", "");
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw TidemarkException.corrupt("object " + name + " does not belong in the catalog; remove it", e);
        }
    }

    public static ObjectName segment(String source, Stretch stretch, Sha256 content) {
        return piece(source, "segments", stretch, content, "seg");
    }

    public static ObjectName run(String source, Stretch stretch, Sha256 content) {
        return piece(source, "runs", stretch, content, "run");
    }

    private static ObjectName piece(String source, String directory, Stretch stretch, Sha256 content, String suffix) {
        return new ObjectName(String.format(
                Locale.ROOT,
                "%s/%s/%06d-%012d-%012d.%s.%s",
                source,
                directory,
                stretch.epoch(),
                stretch.after() + 1,
                stretch.through(),
                content.brief(),
                suffix));
    }

    public static ObjectName schema(String source, Position at, Sha256 content) {
        return new ObjectName(source + "/schemas/" + padded(at) + "." + content.brief() + ".json");
    }

    public static ObjectName manifest(String source, Position at, Sha256 content) {
        return new ObjectName(source + "/snapshots/" + padded(at) + "/manifest." + content.brief() + ".json");
    }

    public static ObjectName part(String source, Position at, CollectionName collection, int number, Sha256 content) {
        String directory = collection.toString().replaceAll("[^A-Za-z0-9._-]", "_");
        return new ObjectName(String.format(
                Locale.ROOT,
                "%s/snapshots/%s/c_%s/%06d.%s.part",
                source,
                padded(at),
                directory,
                number,
                content.brief()));
    }

    /** Whether an object of this name would be a source's: a segment, run, schema, manifest or part. */
    public static boolean isData(ObjectName name) {
        return DATA.matcher(name.text()).matches();
    }

    private static String padded(Position position) {
        return String.format(Locale.ROOT, "%06d-%012d", position.epoch(), position.offset());
    }
}

package io.tidemark.repository;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Position;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.crypto.KeyName;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.StoredObject;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of all objects of a repository; the only place that makes them. Others may lie beside them: servers that keep
 * objects in a file system show what a cut upload leaves there.
 */
public final class RepositoryLayout {
    public static final ObjectName IDENTITY = new ObjectName("tidemark.json");
    /** Where a repository was moved to, as text; nothing else of it is left. */
    public static final ObjectName MOVED = new ObjectName("moved.txt");

    /** In an archive: the id of the repository it belongs to, as text. */
    public static final ObjectName ARCHIVE_OF = new ObjectName("archive-of.txt");

    public static final String CATALOG_PREFIX = "catalog/";

    public static final String CHECKPOINT_PREFIX = "checkpoints/";

    public static final String KEYS_PREFIX = "keys/";

    public static final String CONTENT_KEYS_PREFIX = "content-keys/";

    private static final Pattern COMMIT_OR_CHECKPOINT =
            Pattern.compile("(?:catalog|checkpoints)/([0-9]{12,18})\\.json");

    private static final Pattern KEY = Pattern.compile("(?:content-)?keys/[0-9a-f-]{36}/[0-9a-f-]{36}\\.json");

    private static final Pattern TAG = Pattern.compile("\\.[0-9a-f]+(\\.[a-z]+)$");

    private static final Pattern SNAPSHOT = Pattern.compile("[^/]+/snapshots/.+");

    private static final Pattern DATA = Pattern.compile("[^/]+/(segments|runs|schemas|snapshots)/.+");

    private RepositoryLayout() {}

    /** The prefix of the wrappings of a data key that is no content key. */
    public static String dataKey(UUID keyId) {
        return KEYS_PREFIX + keyId + "/";
    }

    /** The prefix of the wrappings of a content key. */
    public static String contentKey(UUID keyId) {
        return CONTENT_KEYS_PREFIX + keyId + "/";
    }

    /** The prefix of all wrappings of the data key that this is one of. */
    public static String wrappingsBeside(ObjectName key) {
        return key.text().substring(0, key.text().lastIndexOf('/') + 1);
    }

    /** A data key, wrapped for the key-encryption key of a slot. */
    public static ObjectName key(KeyName key, UUID slot) {
        String prefix = key.use() == KeyName.Use.CONTENT ? contentKey(key.id()) : dataKey(key.id());
        return new ObjectName(prefix + slot + ".json");
    }

    /** A commit; the number is padded so that names sort as numbers do. */
    public static ObjectName commit(long sequence) {
        return new ObjectName(String.format(Locale.ROOT, "%s%012d.json", CATALOG_PREFIX, sequence));
    }

    /** What the commits up to this one add up to. */
    public static ObjectName checkpoint(long sequence) {
        return new ObjectName(String.format(Locale.ROOT, "%s%012d.json", CHECKPOINT_PREFIX, sequence));
    }

    /** The number of a commit, or of the last commit in a checkpoint, given its name. */
    public static long sequence(ObjectName name) {
        Matcher matcher = COMMIT_OR_CHECKPOINT.matcher(name.text());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(name + " is neither a commit nor a checkpoint");
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Takes from a listing of commits, checkpoints or wrapped keys what is one of them, and passes over the rest. */
    public static Consumer<StoredObject> ours(Consumer<StoredObject> consumer) {
        return found -> {
            String name = found.name().text();
            if (COMMIT_OR_CHECKPOINT.matcher(name).matches()
                    || KEY.matcher(name).matches()) {
                consumer.accept(found);
            }
        };
    }

    public static ObjectName segment(String source, Stretch stretch, String tag) {
        return piece(source, "segments", stretch, tag, "seg");
    }

    public static ObjectName run(String source, Stretch stretch, String tag) {
        return piece(source, "runs", stretch, tag, "run");
    }

    private static ObjectName piece(String source, String directory, Stretch stretch, String tag, String suffix) {
        return new ObjectName(String.format(
                Locale.ROOT,
                "%s/%s/%06d-%012d-%012d.%s.%s",
                source,
                directory,
                stretch.epoch(),
                stretch.after() + 1,
                stretch.through(),
                tag,
                suffix));
    }

    public static ObjectName schema(String source, Position at, String tag) {
        return new ObjectName(source + "/schemas/" + padded(at) + "." + tag + ".json");
    }

    public static ObjectName manifest(String source, Position at, String tag) {
        return new ObjectName(source + "/snapshots/" + padded(at) + "/manifest." + tag + ".json");
    }

    public static ObjectName part(String source, Position at, CollectionName collection, int number, String tag) {
        String directory = collection.toString().replaceAll("[^A-Za-z0-9._-]", "_");
        return new ObjectName(String.format(
                Locale.ROOT, "%s/snapshots/%s/c_%s/%06d.%s.part", source, padded(at), directory, number, tag));
    }

    /** The name of an object of the same kind and place with another tag. */
    public static ObjectName withTag(ObjectName name, String tag) {
        return new ObjectName(TAG.matcher(name.text()).replaceFirst("." + tag + "$1"));
    }

    /** Whether an object of this name would be a source's: a segment, run, schema, manifest or part. */
    public static boolean isData(ObjectName name) {
        return DATA.matcher(name.text()).matches();
    }

    /** Whether an object of this name would be a manifest or part. */
    public static boolean isOfSnapshot(ObjectName name) {
        return SNAPSHOT.matcher(name.text()).matches();
    }

    private static String padded(Position position) {
        return String.format(Locale.ROOT, "%06d-%012d", position.epoch(), position.offset());
    }
}

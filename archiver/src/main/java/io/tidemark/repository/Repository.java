package io.tidemark.repository;

import io.tidemark.model.Json;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.ChunkedAead;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.ObjectCipher;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import io.tidemark.repository.store.TieredStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A repository with its key: objects go in and come out in the clear, and are stored sealed. Thread-safe. Object reads
 * that fail are of kind VERIFICATION and name the object.
 */
public final class Repository implements AutoCloseable {
    private static final int COPY_BYTES = 128 * 1024;

    private final ObjectStore store;
    private final RepositoryIdentity identity;
    private final Optional<DataKeys> keys;
    private final Optional<ObjectStore> archive;

    private Repository(
            ObjectStore store, RepositoryIdentity identity, Optional<DataKeys> keys, Optional<ObjectStore> archive) {
        this.store = archive.<ObjectStore>map(behind -> new TieredStore(store, behind, RepositoryLayout::isOfSnapshot))
                .orElse(store);
        this.archive = archive;
        this.identity = identity;
        this.keys = keys;
    }

    /** Whether there is a repository in the store. */
    public static boolean exists(ObjectStore store) {
        try {
            return store.stat(RepositoryLayout.IDENTITY).isPresent();
        } catch (IOException e) {
            throw unreadable(store, RepositoryLayout.IDENTITY, e);
        }
    }

    /**
     * Opens a repository.
     *
     * @throws TidemarkException of kind NOT_FOUND if there is none, VERIFICATION if the key does not fit
     */
    public static Repository open(ObjectStore store, Optional<KeySource> key) {
        return open(store, key, Optional.empty());
    }

    /** The same with the archive that older snapshots were moved to. */
    public static Repository open(ObjectStore store, Optional<KeySource> key, Optional<ObjectStore> archive) {
        RepositoryIdentity identity = identity(store);
        return new Repository(store, identity, keys(store, identity, key), archive);
    }

    /**
     * What a repository says of itself; needs no key.
     *
     * @throws TidemarkException of kind NOT_FOUND if there is none, or it was moved
     */
    public static RepositoryIdentity identity(ObjectStore store) {
        Optional<byte[]> moved = readPlain(store, RepositoryLayout.MOVED);
        if (moved.isPresent()) {
            throw TidemarkException.notFound("the repository at " + store.location() + " was moved to "
                    + new String(moved.get(), StandardCharsets.UTF_8).strip() + "; configure that place");
        }
        byte[] json = readPlain(store, RepositoryLayout.IDENTITY)
                .orElseThrow(() -> TidemarkException.notFound(
                        "there is no repository at " + store.location() + "; make one with 'tidemark init'"));
        RepositoryIdentity identity = Json.read(json, RepositoryIdentity.class, "object tidemark.json");
        if (identity.format() != RepositoryIdentity.FORMAT) {
            throw TidemarkException.permanent("the repository at " + store.location() + " has format "
                    + identity.format() + ", this Tidemark reads format " + RepositoryIdentity.FORMAT
                    + "; restore from it with the Tidemark that wrote it, and make a new one with 'tidemark init'");
        }
        return identity;
    }

    private static Optional<DataKeys> keys(ObjectStore store, RepositoryIdentity identity, Optional<KeySource> key) {
        if (identity.keyId().isEmpty()) {
            if (key.isPresent()) {
                throw TidemarkException.corrupt("the repository at " + store.location()
                        + " is not encrypted, but " + key.get().describe()
                        + " is configured; if that is meant, remove the key from the configuration");
            }
            return Optional.empty();
        }
        KeySource source = key.orElseThrow(
                () -> TidemarkException.usage(
                        "the repository at " + store.location()
                                + " is encrypted; give its key with key.file, --key-file, TIDEMARK_KEY, TIDEMARK_PASSPHRASE, key.command or key.kms"));
        Clock clock = Clock.systemUTC();
        return Optional.of(DataKeys.open(new KeyRing(store, clock), identity, KeyEncryptionKey.of(source), clock));
    }

    private ObjectCipher cipher() {
        return keys.map(DataKeys::cipher).orElse(ObjectCipher.NONE);
    }

    private ObjectCipher forRows() {
        return keys.map(DataKeys::forRows).orElse(ObjectCipher.NONE);
    }

    /** Whether rows are sealed for recipients. */
    public boolean isForRecipients() {
        return keys.map(DataKeys::isForRecipients).orElse(false);
    }

    /** Whether rows can be read with the key that opened this, not only written. */
    public boolean opensRows() {
        return keys.map(DataKeys::opensRows).orElse(true);
    }

    /**
     * Opens the data key of a commit.
     *
     * @param former the data key of the commit before, if that is known
     * @throws TidemarkException of kind VERIFICATION if no holder of a key of the repository made it, it was not made in the
     *     place of the former, or it is for rows
     */
    public void requireSuccessor(UUID keyId, Optional<UUID> former, ObjectName commit) {
        keys.orElseThrow().requireSuccessor(keyId, former, commit);
    }

    /** Seals rows with this data key, or with one made under it: the catalog's last commit is sealed with it. */
    public void use(UUID keyId) {
        keys.orElseThrow().use(keyId);
    }

    /** Makes a data key that takes the place of the one in use, as soon as a commit is sealed with it. */
    public UUID newDataKey() {
        return keys.orElseThrow(
                        () -> TidemarkException.permanent("the repository at " + location() + " is not encrypted"))
                .successor()
                .id();
    }

    /** Whether an object is sealed with the data key in use, or with one that was made under it. */
    public boolean isSealedAnew(ObjectName name) {
        try (ObjectReader stored = openStored(name)) {
            Optional<UUID> keyId = ChunkedAead.keyId(stored);
            return keys.isEmpty() || keyId.isEmpty() || keys.get().isInUse(keyId.get(), name);
        } catch (IOException e) {
            throw unreadable(store, name, e);
        }
    }

    public RepositoryIdentity identity() {
        return identity;
    }

    public String location() {
        return store.location();
    }

    /** Names an object by a tag that stands for its content. */
    public interface Naming {
        ObjectName name(String tag);
    }

    /**
     * Puts an object that is made of rows. If one of that name is there already it must hold the same, which then counts as
     * success.
     *
     * @param plainSha256 of the content in the clear
     */
    public ObjectRef put(Naming naming, ObjectContent plain, Sha256 plainSha256) {
        ObjectCipher cipher = forRows();
        ObjectName name = naming.name(cipher.tag(plainSha256));
        ObjectContent sealed = cipher.seal(name, plain, plainSha256);
        HashingContent hashing = new HashingContent(sealed);
        try {
            boolean stored = store.putIfAbsent(name, hashing);
            ObjectRef ref = new ObjectRef(name, sealed.lengthBytes(), hashing.sha256());
            if (!stored) {
                verify(ref);
            }
            return ref;
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot write object " + name + " to " + store.location() + ": " + e.getMessage()
                            + "; nothing was committed, it is tried again",
                    e);
        }
    }

    /** Puts a small object. */
    public ObjectRef put(Naming naming, byte[] plain) {
        return put(naming, ObjectContent.of(plain), Sha256.of(plain));
    }

    /** Puts a finished spool. */
    public ObjectRef put(Naming naming, Spool spool) throws IOException {
        return put(naming, spool, spool.finish());
    }

    /**
     * Puts an object of the catalog unless one of that name is there, whatever that one holds.
     *
     * @param keyId the data key to seal with; empty for the one the repository was opened with
     * @return whether this call stored it
     */
    public boolean putIfAbsent(ObjectName name, byte[] plain, Optional<UUID> keyId) {
        try {
            ObjectCipher cipher = keyId.isPresent() ? keys.orElseThrow().cipher(keyId.get(), name) : cipher();
            return store.putIfAbsent(name, cipher.seal(name, ObjectContent.of(plain), Sha256.of(plain)));
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot write object " + name + " to " + store.location() + ": " + e.getMessage(), e);
        }
    }

    /** Opens an object that the catalog promises, for reads in the clear. */
    public ObjectReader open(ObjectRef ref) {
        return open(ref.name(), ref.bytes());
    }

    private ObjectReader open(ObjectName name, long expectedBytes) {
        try {
            ObjectReader stored = openStored(name);
            if (stored.lengthBytes() != expectedBytes) {
                long found = stored.lengthBytes();
                stored.close();
                throw TidemarkException.corrupt("object " + name + " has " + found + " bytes, the catalog says "
                        + expectedBytes + ": it was truncated or replaced");
            }
            return cipher().unseal(name, stored);
        } catch (IOException e) {
            throw unreadable(store, name, e);
        }
    }

    private ObjectReader openStored(ObjectName name) throws IOException {
        return new StoreReader(store, name, store.open(name).orElseThrow(() -> missing(name)));
    }

    /** Copies an object in the clear. */
    public void copy(ObjectRef ref, OutputStream out) throws IOException {
        byte[] buffer = new byte[COPY_BYTES];
        try (ObjectReader reader = open(ref)) {
            for (long at = 0; at < reader.lengthBytes(); ) {
                int count = (int) Math.min(buffer.length, reader.lengthBytes() - at);
                reader.readFully(at, buffer, 0, count);
                out.write(buffer, 0, count);
                at += count;
            }
        }
    }

    /** Reads a small object whole, in the clear. */
    public byte[] read(ObjectRef ref) {
        try (ObjectReader reader = open(ref)) {
            return readAll(reader);
        } catch (IOException e) {
            throw unreadable(store, ref.name(), e);
        }
    }

    /**
     * An object as stored and in the clear.
     *
     * @param keyId the data key it is sealed with; empty if the repository is not encrypted
     */
    public record Stored(Sha256 sha256, byte[] plain, Optional<UUID> keyId) {}

    /** Reads a small object of unknown size whole; empty if there is none. */
    public Optional<Stored> find(ObjectName name) {
        try {
            Optional<byte[]> raw = readPlain(store, name);
            if (raw.isEmpty()) {
                return Optional.empty();
            }
            ObjectReader sealed = new BytesReader(raw.get());
            Optional<UUID> keyId = keys.isEmpty() ? Optional.empty() : ChunkedAead.keyId(sealed);
            try (ObjectReader clear = cipher().unseal(name, sealed)) {
                return Optional.of(new Stored(Sha256.of(raw.get()), readAll(clear), keyId));
            }
        } catch (IOException e) {
            throw unreadable(store, name, e);
        }
    }

    /**
     * Checks that an object is there and is, byte for byte, what the catalog promises.
     *
     * @throws TidemarkException of kind VERIFICATION if not
     */
    public void verify(ObjectRef ref) {
        try (ObjectReader stored = openStored(ref.name())) {
            if (stored.lengthBytes() != ref.bytes()) {
                throw TidemarkException.corrupt("object " + ref.name() + " has " + stored.lengthBytes()
                        + " bytes, the catalog says " + ref.bytes() + ": it was truncated or replaced");
            }
            MessageDigest digest = Sha256.digest();
            byte[] buffer = new byte[COPY_BYTES];
            for (long at = 0; at < ref.bytes(); ) {
                int count = (int) Math.min(buffer.length, ref.bytes() - at);
                stored.readFully(at, buffer, 0, count);
                digest.update(buffer, 0, count);
                at += count;
            }
            if (!Sha256.finish(digest.digest()).equals(ref.sha256())) {
                throw TidemarkException.corrupt(
                        "object " + ref.name() + " was altered: its SHA-256 is not the one in the catalog");
            }
        } catch (IOException e) {
            throw unreadable(store, ref.name(), e);
        }
    }

    /** What the store says of an object without reading it; empty if there is none. */
    public Optional<StoredObject> stat(ObjectName name) {
        try {
            return store.stat(name);
        } catch (IOException e) {
            throw unreadable(store, name, e);
        }
    }

    /** Tells the objects whose names begin with the prefix and sort behind {@code after}, in ascending order. */
    public void list(String prefix, String after, Consumer<StoredObject> consumer) {
        list(store, prefix, after, consumer);
    }

    /** Tells all objects in the archive, if one is configured. */
    public void listArchive(Consumer<StoredObject> consumer) {
        archive.ifPresent(place -> list(place, "", "", consumer));
    }

    private static void list(ObjectStore store, String prefix, String after, Consumer<StoredObject> consumer) {
        try {
            store.list(prefix, after, consumer);
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot list " + (prefix.isEmpty() ? "" : prefix + " in ") + store.location() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** The store itself, for what concerns objects as they are stored; what it does not have is read from the archive. */
    public ObjectStore store() {
        return store;
    }

    /** Where older snapshots are moved to, if that is configured. */
    public Optional<ObjectStore> archive() {
        return archive;
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    static Optional<byte[]> readPlain(ObjectStore store, ObjectName name) {
        try {
            Optional<ObjectReader> found = store.open(name);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            try (ObjectReader reader = found.get()) {
                return Optional.of(readAll(reader));
            }
        } catch (IOException e) {
            throw unreadable(store, name, e);
        }
    }

    private static byte[] readAll(ObjectReader reader) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(reader.lengthBytes())];
        reader.readFully(0, bytes, 0, bytes.length);
        return bytes;
    }

    private TidemarkException missing(ObjectName name) {
        return TidemarkException.corrupt("object " + name + " is missing from the repository; "
                + (archive.isPresent()
                        ? "bring it back from a copy"
                        : "if its snapshot was moved to an archive, configure that, else bring it back from a copy"));
    }

    static TidemarkException unreadable(ObjectStore store, ObjectName name, IOException e) {
        String message = "cannot read object " + name + " from " + store.location() + ": " + e.getMessage();
        return e instanceof EOFException
                ? TidemarkException.corrupt(message, e)
                : TidemarkException.transientFailure(message, e);
    }
}

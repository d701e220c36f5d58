package io.tidemark.repository;

import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.ChunkedAead;
import io.tidemark.repository.crypto.DataKey;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeyName;
import io.tidemark.repository.crypto.KeyName.Use;
import io.tidemark.repository.crypto.ObjectCipher;
import io.tidemark.repository.crypto.Recipient;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.ObjectName;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data keys of an open repository: the one that seals the catalog, those that seal rows, and whatever other an object
 * says it was sealed with. Where rows are for recipients, a process seals them with a key it made itself, wrapped for
 * each of them, and forgets it after a day. Thread-safe.
 */
final class DataKeys implements ChunkedAead.Keys {
    private static final Duration CONTENT_KEY_LIFE = Duration.ofDays(1);

    private final KeyRing ring;
    private final UUID repository;
    private final KeyEncryptionKey opener;
    private final Clock clock;
    private final Map<UUID, DataKey> opened = new ConcurrentHashMap<>();
    private final Set<UUID> inQuestion = new HashSet<>();
    private DataKey root;
    private Optional<DataKey> content = Optional.empty();
    private long contentMadeAtMillis;

    private DataKeys(KeyRing ring, RepositoryIdentity identity, UUID first, KeyEncryptionKey opener, Clock clock) {
        this.ring = ring;
        this.repository = identity.repositoryId();
        this.opener = opener;
        this.clock = clock;
        root = ring.open(ring.wraps(RepositoryLayout.dataKey(first)), opener);
        opened.put(first, root);
    }

    /**
     * Opens the repository's first key; the catalog tells which one is in use.
     *
     * @throws TidemarkException of kind VERIFICATION if the key does not fit
     */
    static DataKeys open(KeyRing ring, RepositoryIdentity identity, KeyEncryptionKey opener, Clock clock) {
        return new DataKeys(ring, identity, identity.keyId().orElseThrow(), opener, clock);
    }

    /** Seals with the key that is in use for the catalog. */
    synchronized ObjectCipher cipher() {
        return new ChunkedAead(root, repository, this);
    }

    /** Seals an object with a certain key. */
    ObjectCipher cipher(UUID keyId, ObjectName object) {
        return new ChunkedAead(find(keyId, object), repository, this);
    }

    /** Seals what is made of rows. */
    synchronized ObjectCipher forRows() {
        if (!isForRecipients()) {
            return cipher();
        }
        long now = clock.millis();
        if (content.isEmpty() || now - contentMadeAtMillis > CONTENT_KEY_LIFE.toMillis()) {
            content = Optional.of(newContentKey());
            contentMadeAtMillis = now;
        }
        return new ChunkedAead(content.get(), repository, this);
    }

    private List<WrappedKey> rootWraps() {
        return ring.wraps(RepositoryLayout.dataKey(root.id()));
    }

    private DataKey newContentKey() {
        List<WrappedKey> recipients = rootWraps().stream()
                .filter(wrap -> wrap.kind() == WrappedKey.Kind.RECIPIENT)
                .toList();
        if (recipients.isEmpty()) {
            throw TidemarkException.corrupt("the recipients of the repository's rows are missing; bring back "
                    + RepositoryLayout.dataKey(root.id()) + " from a copy");
        }
        DataKey key = root.child(Use.CONTENT);
        for (WrappedKey recipient : recipients) {
            ring.put(Recipient.of(recipient, root).wrap(key, recipient.slot(), Micros.of(clock.instant())));
        }
        // Not among the opened ones: who wrote rows must not be able to read them a day later.
        return key;
    }

    @Override
    public DataKey find(UUID keyId, ObjectName object) {
        DataKey known = opened.get(keyId);
        if (known != null) {
            return known;
        }
        // One at a time: a passphrase takes its time and memory, and many threads look for the same key.
        synchronized (opened) {
            known = opened.get(keyId);
            return known != null ? known : open(keyId, object);
        }
    }

    private DataKey open(UUID keyId, ObjectName object) {
        List<WrappedKey> wraps = ring.wraps(RepositoryLayout.dataKey(keyId));
        if (wraps.isEmpty()) {
            wraps = ring.wraps(RepositoryLayout.contentKey(keyId));
        }
        if (wraps.isEmpty()) {
            throw TidemarkException.corrupt("object " + object + " was sealed with key " + keyId
                    + ", which the repository does not have; bring it back from a copy");
        }
        boolean closed =
                wraps.get(0).key().use() == Use.CONTENT && wraps.stream().noneMatch(opener::mayOpen);
        if (closed) {
            throw TidemarkException.permanent("object " + object + " holds rows, which " + opener.describe()
                    + " does not open: only the private key of a recipient does; run this where that is");
        }
        DataKey key = ring.open(wraps, opener);
        if (!isVouchedFor(key.name(), object)) {
            throw TidemarkException.corrupt("object " + object + " was sealed with key " + keyId
                    + ", which nobody made who holds a key of the repository");
        }
        opened.put(keyId, key);
        return key;
    }

    private boolean isVouchedFor(KeyName name, ObjectName object) {
        // Forged keys may name each other as parents.
        if (name.parent().isEmpty() || !inQuestion.add(name.id())) {
            return false;
        }
        try {
            return find(name.parent().get().id(), object).vouchesFor(name);
        } finally {
            inQuestion.remove(name.id());
        }
    }

    /** Opens a key that a commit is sealed with. */
    void requireSuccessor(UUID keyId, Optional<UUID> former, ObjectName commit) {
        KeyName name = find(keyId, commit).name();
        boolean follows =
                former.isEmpty() || name.parent().map(KeyName.Parent::id).equals(former);
        if (name.use() == Use.CONTENT || !follows) {
            throw TidemarkException.corrupt("catalog commit " + commit + " is sealed with key " + keyId
                    + ", which was not made in the place of the one before: it was forged");
        }
    }

    /** Goes over to a key that is open. */
    synchronized void use(UUID keyId) {
        if (!keyId.equals(root.id())) {
            root = Objects.requireNonNull(opened.get(keyId));
            content = Optional.empty();
        }
    }

    /** Makes the key that takes the place of the one in use, and wraps it for the key that opened this and all recipients. */
    synchronized DataKey successor() {
        DataKey next = root.child(root.name().use());
        for (WrappedKey wrap : rootWraps()) {
            long now = Micros.of(clock.instant());
            if (wrap.kind() == WrappedKey.Kind.RECIPIENT) {
                ring.put(Recipient.of(wrap, root).wrap(next, wrap.slot(), now));
            } else if (ring.opens(wrap, opener)) {
                ring.put(opener.wrap(next, wrap.slot(), now));
            }
        }
        opened.put(next.id(), next);
        return next;
    }

    /** Whether rows are sealed with content keys. */
    synchronized boolean isForRecipients() {
        return root.name().use() == Use.CATALOG;
    }

    /** Whether rows can be read: with the key in use, or as a recipient. */
    synchronized boolean opensRows() {
        return !isForRecipients()
                || rootWraps().stream()
                        .anyMatch(wrap -> wrap.kind() == WrappedKey.Kind.RECIPIENT && ring.opens(wrap, opener));
    }

    /** Whether a key is the one in use, or a content key that was made under it. */
    synchronized boolean isInUse(UUID keyId, ObjectName object) {
        DataKey key = find(keyId, object);
        return key.id().equals(root.id())
                || (key.name().use() == Use.CONTENT
                        && key.name().parent().map(KeyName.Parent::id).equals(Optional.of(root.id())));
    }
}

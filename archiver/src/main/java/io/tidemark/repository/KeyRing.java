package io.tidemark.repository;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.DataKey;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeyName;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The wrappings of a repository's data keys. Each key-encryption key has a slot, in which every data key that it opens is
 * wrapped for it. Adding and retiring slots changes who can open the repository and rewrites no data. Thread-safe.
 */
public final class KeyRing {
    private final ObjectStore store;
    private final Clock clock;

    KeyRing(ObjectStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * The keys of a repository, which need not be opened for that.
     *
     * @throws TidemarkException of kind PERMANENT if it is not encrypted
     */
    public static KeyRing of(ObjectStore store, Clock clock) {
        if (Repository.identity(store).keyId().isEmpty()) {
            throw TidemarkException.permanent("the repository at " + store.location() + " is not encrypted");
        }
        return new KeyRing(store, clock);
    }

    /** For each slot the newest wrapping, oldest slot first. */
    public List<WrappedKey> list() {
        Map<UUID, WrappedKey> slots = new LinkedHashMap<>();
        for (WrappedKey wrap : wraps(RepositoryLayout.KEYS_PREFIX)) {
            slots.put(wrap.slot(), wrap);
        }
        return List.copyOf(slots.values());
    }

    /** The data keys whose place others took: who opens only these reads what was written before. */
    public Set<UUID> replaced() {
        return wraps(RepositoryLayout.KEYS_PREFIX).stream()
                .flatMap(wrap -> wrap.key().parent().stream())
                .map(KeyName.Parent::id)
                .collect(Collectors.toSet());
    }

    /** All wrappings below a prefix, oldest first. */
    List<WrappedKey> wraps(String prefix) {
        List<WrappedKey> wraps = new ArrayList<>();
        for (ObjectName name : names(prefix)) {
            Repository.readPlain(store, name)
                    .ifPresent(json -> wraps.add(Json.read(json, WrappedKey.class, "object " + name)));
        }
        wraps.sort(Comparator.comparingLong(WrappedKey::createdAtMicros));
        return wraps;
    }

    private List<ObjectName> names(String prefix) {
        List<ObjectName> names = new ArrayList<>();
        try {
            store.list(prefix, "", RepositoryLayout.ours(found -> names.add(found.name())));
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot read the keys of " + store.location() + ": " + e.getMessage(), e);
        }
        return names;
    }

    /**
     * Opens a data key.
     *
     * @param wraps of one data key
     * @throws TidemarkException of kind VERIFICATION if the key-encryption key opens none of the wrappings
     */
    DataKey open(List<WrappedKey> wraps, KeyEncryptionKey opener) {
        if (wraps.isEmpty()) {
            throw TidemarkException.corrupt("the wrapped keys " + RepositoryLayout.KEYS_PREFIX + " of "
                    + store.location()
                    + " are missing: without one nothing in the repository can be read; bring them back from a copy");
        }
        Optional<TidemarkException> failure = Optional.empty();
        for (WrappedKey wrap : wraps) {
            if (!opener.mayOpen(wrap)) {
                continue;
            }
            try {
                return opener.unwrap(wrap);
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                    throw e;
                }
                failure = Optional.of(e);
            }
        }
        throw failure.orElseGet(() -> TidemarkException.corrupt("wrong key: " + opener.describe()
                + " is none of the keys the repository was made with; 'tidemark key list' names them"));
    }

    /** Whether a key-encryption key opens a wrapping. */
    public boolean opens(WrappedKey wrap, KeyEncryptionKey opener) {
        if (!opener.mayOpen(wrap)) {
            return false;
        }
        try {
            opener.unwrap(wrap);
            return true;
        } catch (TidemarkException e) {
            if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                throw e;
            }
            return false;
        }
    }

    /**
     * A slot that was added.
     *
     * @param closed how many content keys stay closed to a new recipient, since the current key does not open them
     */
    public record Added(WrappedKey wrap, int closed) {}

    /** Lets another key-encryption key open what the current one opens. Doing it twice completes it. */
    public Added add(KeySource current, KeySource added) {
        KeyEncryptionKey opener = KeyEncryptionKey.of(current);
        KeyEncryptionKey key = KeyEncryptionKey.of(added);
        List<WrappedKey> existing = wraps(RepositoryLayout.KEYS_PREFIX);
        UUID slot = existing.stream()
                .filter(wrap -> isSurely(wrap.kind()) && key.mayOpen(wrap))
                .findFirst()
                .map(WrappedKey::slot)
                .orElseGet(UUID::randomUUID);
        Optional<WrappedKey> newest = Optional.empty();
        for (List<WrappedKey> wraps : byKey(existing)) {
            newest = Optional.of(complete(wraps, slot, open(wraps, opener), key));
        }
        WrappedKey wrap = newest.orElseThrow(() -> TidemarkException.corrupt(
                "the wrapped keys of " + store.location() + " are missing; bring them back from a copy"));
        return new Added(wrap, wrap.kind() == WrappedKey.Kind.RECIPIENT ? addToContent(slot, opener, key) : 0);
    }

    /** Whether wrappings of a kind tell by themselves which key they are for. */
    private static boolean isSurely(WrappedKey.Kind kind) {
        return kind == WrappedKey.Kind.KEY || kind == WrappedKey.Kind.RECIPIENT;
    }

    private int addToContent(UUID slot, KeyEncryptionKey opener, KeyEncryptionKey recipient) {
        Set<String> keys = new LinkedHashSet<>();
        names(RepositoryLayout.CONTENT_KEYS_PREFIX).forEach(name -> keys.add(RepositoryLayout.wrappingsBeside(name)));
        int closed = 0;
        for (String prefix : keys) {
            List<WrappedKey> wraps = wraps(prefix);
            if (wraps.stream().noneMatch(opener::mayOpen)) {
                closed++;
            } else {
                complete(wraps, slot, open(wraps, opener), recipient);
            }
        }
        return closed;
    }

    private WrappedKey complete(List<WrappedKey> wraps, UUID slot, DataKey dataKey, KeyEncryptionKey key) {
        Optional<WrappedKey> there =
                wraps.stream().filter(wrap -> wrap.slot().equals(slot)).findFirst();
        if (there.isPresent()) {
            return there.get();
        }
        WrappedKey wrap = key.wrap(dataKey, slot, Micros.of(clock.instant()));
        put(wrap);
        return wrap;
    }

    private static Collection<List<WrappedKey>> byKey(List<WrappedKey> wraps) {
        Map<UUID, List<WrappedKey>> byKey = new LinkedHashMap<>();
        wraps.forEach(wrap ->
                byKey.computeIfAbsent(wrap.key().id(), k -> new ArrayList<>()).add(wrap));
        return byKey.values();
    }

    void put(WrappedKey wrap) {
        try {
            if (!store.putIfAbsent(RepositoryLayout.key(wrap.key(), wrap.slot()), ObjectContent.of(Json.bytes(wrap)))) {
                throw TidemarkException.permanent("there is a wrapped key " + wrap.slot() + " already");
            }
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot write a key to " + store.location() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Removes a slot, so that its key-encryption key opens the repository no longer. Who unwrapped a data key before may have
     * kept it.
     *
     * @throws TidemarkException of kind PERMANENT if it is the last one or locked, NOT_FOUND if there is none
     */
    public void retire(UUID slot) {
        List<WrappedKey> slots = list();
        Optional<WrappedKey> retired =
                slots.stream().filter(wrap -> wrap.slot().equals(slot)).findFirst();
        if (retired.isPresent()) {
            requireOthers(retired.get(), slots);
        }
        String file = "/" + slot + ".json";
        List<ObjectName> names = Stream.of(RepositoryLayout.KEYS_PREFIX, RepositoryLayout.CONTENT_KEYS_PREFIX)
                .flatMap(prefix -> names(prefix).stream())
                .filter(name -> name.text().endsWith(file))
                .toList();
        if (names.isEmpty()) {
            throw TidemarkException.notFound("the repository has no key " + slot + "; 'tidemark key list' names them");
        }
        names.forEach(name -> delete(name, slot));
    }

    private static void requireOthers(WrappedKey retired, List<WrappedKey> slots) {
        if (slots.size() == 1) {
            throw TidemarkException.permanent("the key " + retired.slot()
                    + " is the only one: without it nobody could read the backup, ever; add another first");
        }
        boolean rowsAreForRecipients = retired.key().use() == KeyName.Use.CATALOG;
        long recipients = slots.stream()
                .filter(wrap -> wrap.kind() == WrappedKey.Kind.RECIPIENT)
                .count();
        if (rowsAreForRecipients && retired.kind() == WrappedKey.Kind.RECIPIENT && recipients == 1) {
            throw TidemarkException.permanent("the recipient " + retired.slot()
                    + " is the only one: without it nobody could read the rows, ever; add another first");
        }
    }

    private void delete(ObjectName name, UUID slot) {
        try {
            if (store.delete(name) == Deletion.LOCKED) {
                throw TidemarkException.permanent("the key " + slot + " is held by Object Lock; retire it later");
            }
        } catch (IOException e) {
            throw TidemarkException.permanent(
                    "cannot remove the key " + slot + " from " + store.location() + ": " + e.getMessage(), e);
        }
    }
}

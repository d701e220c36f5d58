package io.tidemark.repository;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.DataKey;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The wrappings of a repository's data key, each for another key-encryption key. Adding and retiring them changes who can
 * open the repository and rewrites no data. Thread-safe.
 */
public final class KeyRing {
    private final ObjectStore store;
    private final UUID keyId;
    private final Clock clock;

    KeyRing(ObjectStore store, UUID keyId, Clock clock) {
        this.store = store;
        this.keyId = keyId;
        this.clock = clock;
    }

    /**
     * The keys of a repository, which need not be opened for that.
     *
     * @throws TidemarkException of kind PERMANENT if it is not encrypted
     */
    public static KeyRing of(ObjectStore store, Clock clock) {
        UUID keyId = Repository.identity(store)
                .keyId()
                .orElseThrow(() ->
                        TidemarkException.permanent("the repository at " + store.location() + " is not encrypted"));
        return new KeyRing(store, keyId, clock);
    }

    /** All wrappings, oldest first. */
    public List<WrappedKey> list() {
        List<ObjectName> names = new ArrayList<>();
        List<WrappedKey> wraps = new ArrayList<>();
        try {
            store.list(RepositoryLayout.keys(keyId), "", found -> names.add(found.name()));
        } catch (IOException e) {
            throw TidemarkException.transientFailure(
                    "cannot read the keys of " + store.location() + ": " + e.getMessage(), e);
        }
        for (ObjectName name : names) {
            Repository.readPlain(store, name)
                    .ifPresent(json -> wraps.add(Json.read(json, WrappedKey.class, "object " + name)));
        }
        wraps.sort(java.util.Comparator.comparingLong(WrappedKey::createdAtMicros));
        return wraps;
    }

    /**
     * Opens the data key.
     *
     * @throws TidemarkException of kind VERIFICATION if the source opens none of the wrappings
     */
    public DataKey open(KeySource source) {
        List<WrappedKey> wraps = list();
        if (wraps.isEmpty()) {
            throw TidemarkException.corrupt("the wrapped keys " + RepositoryLayout.keys(keyId)
                    + " are missing: without one nothing in the repository can be read; bring them back from a copy");
        }
        Optional<TidemarkException> failure = Optional.empty();
        for (WrappedKey wrap : wraps) {
            if (!wrap.mayOpenWith(source)) {
                continue;
            }
            try {
                return wrap.unwrap(source);
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.VERIFICATION) {
                    throw e;
                }
                failure = Optional.of(e);
            }
        }
        throw failure.orElseGet(() -> TidemarkException.corrupt("wrong key: " + source.describe()
                + " is none of the keys the repository was made with; 'tidemark key list' names them"));
    }

    /** Lets another key-encryption key open the repository. */
    public WrappedKey add(KeySource current, KeySource added) {
        WrappedKey wrap = WrappedKey.wrap(open(current), added, Micros.of(clock.instant()));
        put(wrap);
        return wrap;
    }

    void put(WrappedKey wrap) {
        try {
            if (!store.putIfAbsent(
                    RepositoryLayout.key(wrap.keyId(), wrap.wrapId()), ObjectContent.of(Json.bytes(wrap)))) {
                throw TidemarkException.permanent("there is a wrapped key " + wrap.wrapId() + " already");
            }
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot write a key to " + store.location() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Removes a wrapping, so that its key-encryption key opens the repository no longer. Who unwrapped the data key before
     * may have kept it.
     *
     * @throws TidemarkException of kind PERMANENT if it is the last one or locked, NOT_FOUND if there is none
     */
    public void retire(UUID wrapId) {
        List<WrappedKey> wraps = list();
        if (wraps.stream().noneMatch(wrap -> wrap.wrapId().equals(wrapId))) {
            throw TidemarkException.notFound(
                    "the repository has no key " + wrapId + "; 'tidemark key list' names them");
        }
        if (wraps.size() == 1) {
            throw TidemarkException.permanent("the key " + wrapId
                    + " is the only one: without it nobody could read the backup, ever; add another first");
        }
        try {
            if (store.delete(RepositoryLayout.key(keyId, wrapId)) == Deletion.LOCKED) {
                throw TidemarkException.permanent("the key " + wrapId + " is held by Object Lock; retire it later");
            }
        } catch (IOException e) {
            throw TidemarkException.permanent(
                    "cannot remove the key " + wrapId + " from " + store.location() + ": " + e.getMessage(), e);
        }
    }
}

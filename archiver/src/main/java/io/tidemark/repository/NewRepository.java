package io.tidemark.repository;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.DataKey;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeyName.Use;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Makes repositories: tries the store, wraps the first data key, and puts what makes it a repository last. */
public final class NewRepository {
    private NewRepository() {}

    /**
     * Makes a new repository.
     *
     * @param key where the key-encryption key comes from; empty for no encryption
     * @throws TidemarkException of kind PERMANENT if there is a repository already
     */
    public static Repository make(ObjectStore store, Optional<KeySource> key) {
        return make(store, key, List.of());
    }

    /**
     * The same, with rows that only recipients can read: whoever has the key alone writes, and reads the catalog.
     *
     * @param recipients sources of public keys; none for rows that the key opens
     */
    public static Repository make(ObjectStore store, Optional<KeySource> key, List<KeySource> recipients) {
        try {
            PutIfAbsent.require(store);
            Optional<DataKey> dataKey = key.map(source -> DataKey.first(recipients.isEmpty() ? Use.ALL : Use.CATALOG));
            if (dataKey.isPresent()) {
                List<WrappedKey> wraps = new ArrayList<>();
                recipients.forEach(source -> wraps.add(wrapForRecipient(dataKey.get(), source)));
                wraps.add(wrap(dataKey.get(), key.orElseThrow()));
                wraps.forEach(new KeyRing(store, Clock.systemUTC())::put);
            }
            RepositoryIdentity identity =
                    new RepositoryIdentity(RepositoryIdentity.FORMAT, UUID.randomUUID(), dataKey.map(DataKey::id));
            if (!store.putIfAbsent(RepositoryLayout.IDENTITY, ObjectContent.of(Json.bytes(identity)))) {
                throw TidemarkException.permanent(
                        "there is a repository at " + store.location() + " already; use it, or name an empty place");
            }
        } catch (IOException e) {
            throw TidemarkException.permanent(
                    "cannot make a repository at " + store.location() + ": " + e.getMessage(), e);
        }
        return Repository.open(store, key);
    }

    private static WrappedKey wrap(DataKey dataKey, KeySource source) {
        return KeyEncryptionKey.of(source).wrap(dataKey, UUID.randomUUID(), Micros.of(Instant.now()));
    }

    private static WrappedKey wrapForRecipient(DataKey dataKey, KeySource source) {
        WrappedKey wrap = wrap(dataKey, source);
        if (wrap.kind() != WrappedKey.Kind.RECIPIENT) {
            throw TidemarkException.usage(source.describe() + " is not the public key of a recipient; "
                    + "make one with 'tidemark key generate --recipient FILE'");
        }
        return wrap;
    }
}

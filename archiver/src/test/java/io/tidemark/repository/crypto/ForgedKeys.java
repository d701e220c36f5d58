package io.tidemark.repository.crypto;

import java.util.Optional;
import java.util.UUID;

/** Data keys as somebody would make them who can write to the store and holds none of the repository's keys. */
public final class ForgedKeys {
    private ForgedKeys() {}

    /** A key that claims to take another's place. */
    public static DataKey inPlaceOf(UUID parent) {
        String proof = KeyWrap.base64(KeyWrap.random(32));
        KeyName name =
                new KeyName(UUID.randomUUID(), KeyName.Use.CATALOG, Optional.of(new KeyName.Parent(parent, proof)));
        return new DataKey(name, KeyWrap.random(KeyWrap.KEY_BYTES));
    }
}

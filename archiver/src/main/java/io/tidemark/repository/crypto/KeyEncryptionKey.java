package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import java.util.UUID;

/** A key that wraps data keys. Never stored in a repository. */
public sealed interface KeyEncryptionKey permits RawKey, PassphraseKey, KmsKey, PrivateKey, Recipient {
    /**
     * The key that a source gives.
     *
     * @throws TidemarkException if it cannot be had or is no key
     */
    static KeyEncryptionKey of(KeySource source) {
        if (source instanceof KeySource.Raw raw) {
            return KeyText.parse(raw);
        }
        if (source instanceof KeySource.Passphrase passphrase) {
            return new PassphraseKey(passphrase);
        }
        return new KmsKey(((KeySource.Kms) source).settings());
    }

    /** Words that tell a person which key this is, without telling the key. */
    String describe();

    /**
     * Wraps a data key.
     *
     * @param slot of this key in the repository
     */
    WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros);

    /** Whether this may be what a data key was wrapped for; false if it certainly is not. */
    boolean mayOpen(WrappedKey wrap);

    /**
     * The data key.
     *
     * @throws TidemarkException of kind VERIFICATION if it was wrapped for another key
     */
    DataKey unwrap(WrappedKey wrap);

    /** The failure of an attempt to unwrap. */
    default TidemarkException doesNotFit(WrappedKey wrap, Throwable cause) {
        return TidemarkException.corrupt(
                "wrong key: " + describe() + " does not open the repository's key "
                        + wrap.key().id() + "; use one the repository was made with, 'tidemark key list' names them",
                cause);
    }
}

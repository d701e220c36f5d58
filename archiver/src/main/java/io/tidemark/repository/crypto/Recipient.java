package io.tidemark.repository.crypto;

import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;

/** An X25519 public key: wraps data keys that only its private key opens. */
public final class Recipient implements KeyEncryptionKey {
    private static final String PROOF = "tidemark recipient";

    private final byte[] publicKey;

    /**
     * @param publicKey 32 bytes
     * @throws TidemarkException of kind USAGE if nothing can be sealed for it
     */
    Recipient(byte[] publicKey) {
        this.publicKey = publicKey.clone();
        try {
            Hpke.seal(publicKey, new byte[0], new byte[0]);
        } catch (IllegalStateException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE, "the public key of a recipient is not one of X25519", e);
        }
    }

    /**
     * The recipient of a wrapped key.
     *
     * @param dataKey must be the one that is wrapped
     * @throws TidemarkException of kind VERIFICATION if nobody who knew the data key added the recipient
     */
    public static Recipient of(WrappedKey wrap, DataKey dataKey) {
        WrappedKey.Envelope envelope =
                wrap.recipient().orElseThrow(() -> new IllegalArgumentException("not for a recipient: " + wrap.slot()));
        byte[] publicKey = KeyWrap.bytes(envelope.publicKey());
        if (!MessageDigest.isEqual(KeyWrap.bytes(envelope.proof()), dataKey.mac(PROOF, publicKey))) {
            throw TidemarkException.corrupt("the recipient " + wrap.slot()
                    + " was not added by anybody who holds a key of the repository; nothing is written that it could read: "
                    + "remove it with 'tidemark key retire " + wrap.slot() + "'");
        }
        return new Recipient(publicKey);
    }

    @Override
    public String describe() {
        return "the recipient " + hint();
    }

    @Override
    public WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros) {
        Hpke.Sealed sealed = Hpke.seal(publicKey, dataKey.name().bytes(), dataKey.secret());
        WrappedKey.Envelope envelope = new WrappedKey.Envelope(
                KeyWrap.base64(publicKey),
                KeyWrap.base64(sealed.encapsulated()),
                KeyWrap.base64(dataKey.mac(PROOF, publicKey)));
        return new WrappedKey(
                WrappedKey.VERSION,
                dataKey.name(),
                slot,
                WrappedKey.Kind.RECIPIENT,
                hint(),
                nowMicros,
                Optional.empty(),
                Optional.of(envelope),
                "",
                KeyWrap.base64(sealed.ciphertext()));
    }

    /** Whether it is wrapped for this recipient, who needs the private key to open it. */
    @Override
    public boolean mayOpen(WrappedKey wrap) {
        return wrap.recipient()
                .filter(envelope -> envelope.publicKey().equals(KeyWrap.base64(publicKey)))
                .isPresent();
    }

    @Override
    public DataKey unwrap(WrappedKey wrap) {
        throw TidemarkException.usage(
                describe() + " is a public key, which seals and opens nothing; give the private key");
    }

    private String hint() {
        return Sha256.of(publicKey).brief();
    }
}

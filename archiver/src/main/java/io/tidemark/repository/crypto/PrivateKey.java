package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import java.util.UUID;
import org.bouncycastle.crypto.InvalidCipherTextException;

/** An X25519 private key: opens what is wrapped for its recipient. */
final class PrivateKey implements KeyEncryptionKey {
    private final String description;
    private final byte[] key;
    private final Recipient recipient;

    PrivateKey(String description, byte[] key) {
        this.description = description;
        this.key = key.clone();
        recipient = new Recipient(Hpke.publicKey(key));
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros) {
        return recipient.wrap(dataKey, slot, nowMicros);
    }

    @Override
    public boolean mayOpen(WrappedKey wrap) {
        return recipient.mayOpen(wrap);
    }

    @Override
    public DataKey unwrap(WrappedKey wrap) {
        WrappedKey.Envelope envelope = wrap.recipient()
                .orElseThrow(() -> TidemarkException.corrupt("the wrapped key " + wrap.slot() + " names no recipient"));
        try {
            byte[] secret = Hpke.open(
                    key, KeyWrap.bytes(envelope.encapsulated()), wrap.key().bytes(), KeyWrap.bytes(wrap.wrapped()));
            return new DataKey(wrap.key(), secret);
        } catch (InvalidCipherTextException | IllegalStateException e) {
            throw doesNotFit(wrap, e);
        }
    }
}

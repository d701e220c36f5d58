package io.tidemark.repository.crypto;

import io.tidemark.model.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** A random key of 256 bits. */
final class RawKey implements KeyEncryptionKey {
    private final String description;
    private final byte[] key;

    RawKey(String description, byte[] key) {
        this.description = description;
        this.key = key.clone();
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros) {
        KeyWrap.Sealed sealed = KeyWrap.seal(dataKey, key);
        return new WrappedKey(
                WrappedKey.VERSION,
                dataKey.name(),
                slot,
                WrappedKey.Kind.KEY,
                hint(),
                nowMicros,
                Optional.empty(),
                Optional.empty(),
                sealed.nonce(),
                sealed.wrapped());
    }

    @Override
    public boolean mayOpen(WrappedKey wrap) {
        return wrap.kind() == WrappedKey.Kind.KEY && wrap.hint().equals(hint());
    }

    @Override
    public DataKey unwrap(WrappedKey wrap) {
        return KeyWrap.open(wrap, key, this);
    }

    private String hint() {
        byte[] purpose = "tidemark key hint".getBytes(StandardCharsets.UTF_8);
        return Sha256.of(ByteBuffer.allocate(purpose.length + key.length)
                        .put(purpose)
                        .put(key)
                        .array())
                .brief();
    }
}

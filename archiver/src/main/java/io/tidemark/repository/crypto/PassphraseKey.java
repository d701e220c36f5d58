package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.crypto.WrappedKey.Argon2id;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** A passphrase, of which Argon2id makes a key; with a salt of its own for each data key. */
final class PassphraseKey implements KeyEncryptionKey {
    private static final int SALT_BYTES = 16;
    private static final int MEMORY_KIB = 64 * 1024;
    private static final int ITERATIONS = 3;
    private static final int PARALLELISM = 4;

    private final KeySource.Passphrase passphrase;

    PassphraseKey(KeySource.Passphrase passphrase) {
        this.passphrase = passphrase;
    }

    @Override
    public String describe() {
        return passphrase.describe();
    }

    @Override
    public WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros) {
        Argon2id argon2id =
                new Argon2id(KeyWrap.base64(KeyWrap.random(SALT_BYTES)), MEMORY_KIB, ITERATIONS, PARALLELISM);
        KeyWrap.Sealed sealed = KeyWrap.seal(dataKey, derive(argon2id));
        return new WrappedKey(
                WrappedKey.VERSION,
                dataKey.name(),
                slot,
                WrappedKey.Kind.PASSPHRASE,
                "",
                nowMicros,
                Optional.of(argon2id),
                Optional.empty(),
                sealed.nonce(),
                sealed.wrapped());
    }

    @Override
    public boolean mayOpen(WrappedKey wrap) {
        return wrap.kind() == WrappedKey.Kind.PASSPHRASE;
    }

    @Override
    public DataKey unwrap(WrappedKey wrap) {
        Argon2id argon2id = wrap.argon2id()
                .orElseThrow(() -> TidemarkException.corrupt("the wrapped key " + wrap.slot()
                        + " does not say how its key comes from a passphrase: it was altered"));
        return KeyWrap.open(wrap, derive(argon2id), this);
    }

    private byte[] derive(Argon2id argon2id) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withSalt(KeyWrap.bytes(argon2id.salt()))
                .withMemoryAsKB(argon2id.memoryKib())
                .withIterations(argon2id.iterations())
                .withParallelism(argon2id.parallelism())
                .build());
        byte[] key = new byte[KeyWrap.KEY_BYTES];
        generator.generateBytes(passphrase.text().getBytes(StandardCharsets.UTF_8), key);
        return key;
    }
}

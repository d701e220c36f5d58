package io.tidemark.repository.crypto;

import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A repository's data key, wrapped for one key-encryption key: with AES-256-GCM, or by a key service. There may be several
 * for one data key; each opens everything. This is what stands in {@code keys/<key-id>/<wrap-id>.json}.
 *
 * @param version of this form, 1
 * @param keyId names the data key
 * @param wrapId names this wrapping
 * @param kind what opens it
 * @param hint tells a person which key it is: the first digits of a hash of a raw key, the id of a KMS key
 * @param createdAtMicros µs since 1970 UTC
 * @param argon2id how the key-encryption key comes from a passphrase
 * @param nonce base64, 12 bytes; empty for KMS
 * @param wrapped base64: the encrypted data key with its tag, or KMS's blob
 */
public record WrappedKey(
        int version,
        UUID keyId,
        UUID wrapId,
        Kind kind,
        String hint,
        long createdAtMicros,
        Optional<Argon2id> argon2id,
        String nonce,
        String wrapped) {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    /** What opens a wrapped key. */
    public enum Kind {
        /** A key of 256 bits: from a file, the environment or a command. */
        KEY,
        PASSPHRASE,
        KMS;

        static Kind of(KeySource source) {
            if (source instanceof KeySource.Raw) {
                return KEY;
            }
            return source instanceof KeySource.Passphrase ? PASSPHRASE : KMS;
        }
    }

    /**
     * Parameters of Argon2id, RFC 9106.
     *
     * @param salt base64, 16 bytes
     */
    public record Argon2id(String salt, int memoryKib, int iterations, int parallelism) {
        byte[] derive(String passphrase) {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withSalt(Base64.getDecoder().decode(salt))
                    .withMemoryAsKB(memoryKib)
                    .withIterations(iterations)
                    .withParallelism(parallelism)
                    .build());
            byte[] key = new byte[KEY_BYTES];
            generator.generateBytes(passphrase.getBytes(StandardCharsets.UTF_8), key);
            return key;
        }
    }

    /** Makes a new data key and wraps it. */
    public static WrappedKey create(KeySource source, long nowMicros) {
        byte[] secret = randomBytes(KEY_BYTES);
        return wrap(new DataKey(UUID.randomUUID(), secret), source, nowMicros);
    }

    /** Wraps a data key for another key-encryption key. */
    public static WrappedKey wrap(DataKey dataKey, KeySource source, long nowMicros) {
        Optional<Argon2id> argon2id = source instanceof KeySource.Passphrase
                ? Optional.of(new Argon2id(base64(randomBytes(16)), 64 * 1024, 3, 4))
                : Optional.empty();
        byte[] nonce = source instanceof KeySource.Kms ? new byte[0] : randomBytes(NONCE_BYTES);
        byte[] wrapped = source instanceof KeySource.Kms kms
                ? inKms(kms, key -> key.wrap(dataKey.secret(), dataKey.id()))
                : seal(dataKey, encryptionKey(source, argon2id), nonce);
        return new WrappedKey(
                1,
                dataKey.id(),
                UUID.randomUUID(),
                Kind.of(source),
                hint(source),
                nowMicros,
                argon2id,
                base64(nonce),
                base64(wrapped));
    }

    /** Whether the source may be what this was wrapped for; false if it certainly is not. */
    public boolean mayOpenWith(KeySource source) {
        return kind == Kind.of(source) && (kind != Kind.KEY || hint.equals(hint(source)));
    }

    /**
     * The data key.
     *
     * @throws TidemarkException of kind VERIFICATION if the key-encryption key is not the one it was wrapped with
     */
    public DataKey unwrap(KeySource source) {
        byte[] blob = Base64.getDecoder().decode(wrapped);
        if (source instanceof KeySource.Kms kms) {
            return new DataKey(keyId, inKms(kms, key -> key.unwrap(blob, keyId)));
        }
        try {
            Cipher cipher = cipher(
                    Cipher.DECRYPT_MODE,
                    encryptionKey(source, argon2id),
                    Base64.getDecoder().decode(nonce),
                    keyId);
            return new DataKey(keyId, cipher.doFinal(blob));
        } catch (AEADBadTagException e) {
            throw wrongKey(source, keyId, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    static TidemarkException wrongKey(KeySource source, UUID keyId, Throwable cause) {
        return TidemarkException.corrupt(
                "wrong key: " + source.describe() + " does not open the repository's key " + keyId
                        + "; use one the repository was made with, 'tidemark key list' names them",
                cause);
    }

    private static byte[] seal(DataKey dataKey, byte[] encryptionKey, byte[] nonce) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, encryptionKey, nonce, dataKey.id())
                    .doFinal(dataKey.secret());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private static byte[] inKms(KeySource.Kms source, java.util.function.Function<KmsKey, byte[]> use) {
        try (KmsKey key = new KmsKey(source.settings())) {
            return use.apply(key);
        }
    }

    private static String hint(KeySource source) {
        if (source instanceof KeySource.Raw raw) {
            byte[] key = KeyText.key(raw);
            byte[] purpose = "tidemark key hint".getBytes(StandardCharsets.UTF_8);
            byte[] both = java.util.Arrays.copyOf(purpose, purpose.length + key.length);
            System.arraycopy(key, 0, both, purpose.length, key.length);
            return Sha256.of(both).brief();
        }
        return source instanceof KeySource.Kms kms ? kms.settings().keyId() : "";
    }

    private static byte[] encryptionKey(KeySource source, Optional<Argon2id> argon2id) {
        if (source instanceof KeySource.Raw raw) {
            return KeyText.key(raw);
        }
        if (source instanceof KeySource.Passphrase passphrase && argon2id.isPresent()) {
            return argon2id.get().derive(passphrase.text());
        }
        throw TidemarkException.corrupt("the repository's key was not made for " + source.describe());
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, UUID keyId) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(("tidemark data key " + keyId).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

package io.tidemark.repository.crypto;

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
 * A repository's data key, encrypted under a key-encryption key with AES-256-GCM. This is what stands in
 * {@code keys/<key-id>.json}.
 *
 * @param version of this form, 1
 * @param keyId names the data key
 * @param argon2id how the key-encryption key comes from a passphrase; empty if it is a file's key
 * @param nonce base64, 12 bytes
 * @param wrapped base64, the encrypted data key with its tag
 */
public record WrappedKey(int version, UUID keyId, Optional<Argon2id> argon2id, String nonce, String wrapped) {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

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
    public static WrappedKey create(KeySource source) {
        SecureRandom random = new SecureRandom();
        Optional<Argon2id> argon2id = source instanceof KeySource.Passphrase
                ? Optional.of(new Argon2id(base64(randomBytes(random, 16)), 64 * 1024, 3, 4))
                : Optional.empty();
        UUID keyId = UUID.randomUUID();
        byte[] nonce = randomBytes(random, NONCE_BYTES);
        byte[] dataKey = randomBytes(random, KEY_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, encryptionKey(source, argon2id), nonce, keyId);
            return new WrappedKey(1, keyId, argon2id, base64(nonce), base64(cipher.doFinal(dataKey)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    /**
     * The data key.
     *
     * @throws TidemarkException of kind VERIFICATION if the key-encryption key is not the one it was wrapped with
     */
    public DataKey unwrap(KeySource source) {
        if (argon2id.isPresent() != source instanceof KeySource.Passphrase) {
            throw TidemarkException.corrupt("the repository's key " + keyId + " was made for "
                    + (argon2id.isPresent() ? "a passphrase" : "a key file") + ", not for " + source.describe());
        }
        try {
            Cipher cipher = cipher(
                    Cipher.DECRYPT_MODE,
                    encryptionKey(source, argon2id),
                    Base64.getDecoder().decode(nonce),
                    keyId);
            return new DataKey(keyId, cipher.doFinal(Base64.getDecoder().decode(wrapped)));
        } catch (AEADBadTagException e) {
            throw TidemarkException.corrupt(
                    "wrong key: " + source.describe() + " does not open the repository's key " + keyId
                            + "; use the key the repository was made with",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private static byte[] encryptionKey(KeySource source, Optional<Argon2id> argon2id) {
        if (source instanceof KeySource.File file) {
            return file.read();
        }
        KeySource.Passphrase passphrase = (KeySource.Passphrase) source;
        return argon2id.orElseThrow().derive(passphrase.text());
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, UUID keyId) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(("tidemark data key " + keyId).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static byte[] randomBytes(SecureRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

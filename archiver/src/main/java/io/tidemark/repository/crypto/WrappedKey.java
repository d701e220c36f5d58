package io.tidemark.repository.crypto;

import java.util.Optional;
import java.util.UUID;

/**
 * A data key, wrapped for one key-encryption key. There may be several for one data key; each opens it. This is what stands
 * under {@code keys/} and {@code content-keys/}.
 *
 * @param version of this form, 1
 * @param key which data key it is
 * @param slot names the key-encryption key in the repository; the same for every data key that is wrapped for it
 * @param kind what opens it
 * @param hint tells a person which key it is: the first digits of a hash, or the id of a KMS key
 * @param createdAtMicros µs since 1970 UTC
 * @param argon2id how the key-encryption key comes from a passphrase
 * @param recipient whom it is sealed for, if it is for a public key
 * @param nonce base64, 12 bytes; empty for KMS and recipients
 * @param wrapped base64: the encrypted data key with its tag, or KMS's blob
 */
public record WrappedKey(
        int version,
        KeyName key,
        UUID slot,
        Kind kind,
        String hint,
        long createdAtMicros,
        Optional<Argon2id> argon2id,
        Optional<Envelope> recipient,
        String nonce,
        String wrapped) {
    static final int VERSION = 1;

    /** What opens a wrapped key. */
    public enum Kind {
        /** A key of 256 bits: from a file, the environment or a command. */
        KEY,
        PASSPHRASE,
        KMS,
        /** The private key of an X25519 pair. */
        RECIPIENT
    }

    /**
     * Parameters of Argon2id, RFC 9106.
     *
     * @param salt base64, 16 bytes
     */
    public record Argon2id(String salt, int memoryKib, int iterations, int parallelism) {}

    /**
     * What HPKE (RFC 9180) needs besides the ciphertext.
     *
     * @param publicKey of the recipient, base64
     * @param encapsulated the sender's part of the agreed key, base64
     * @param proof base64: a MAC of the public key under the data key; only who knew that could have added the recipient
     */
    public record Envelope(String publicKey, String encapsulated, String proof) {}
}

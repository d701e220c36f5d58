package io.tidemark.repository.crypto;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.X25519PublicKeyParameters;

/** RFC 9180 in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Not authenticated: anybody can seal. */
final class Hpke {
    private static final byte[] INFO = "tidemark recipient".getBytes(StandardCharsets.UTF_8);

    private Hpke() {}

    /** A new one each time, since they are not thread-safe. */
    private static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    }

    record Sealed(byte[] encapsulated, byte[] ciphertext) {}

    static Sealed seal(byte[] publicKey, byte[] associated, byte[] plain) {
        try {
            byte[][] sealed = suite().seal(
                            new X25519PublicKeyParameters(publicKey, 0), INFO, associated, plain, null, null, null);
            return new Sealed(sealed[1], sealed[0]);
        } catch (InvalidCipherTextException e) {
            throw new IllegalStateException("HPKE does not seal", e);
        }
    }

    static byte[] open(byte[] privateKey, byte[] encapsulated, byte[] associated, byte[] ciphertext)
            throws InvalidCipherTextException {
        X25519PrivateKeyParameters key = new X25519PrivateKeyParameters(privateKey, 0);
        AsymmetricCipherKeyPair pair = new AsymmetricCipherKeyPair(key.generatePublicKey(), key);
        return suite().open(encapsulated, pair, INFO, associated, ciphertext, null, null, null);
    }

    static byte[] publicKey(byte[] privateKey) {
        return new X25519PrivateKeyParameters(privateKey, 0).generatePublicKey().getEncoded();
    }
}

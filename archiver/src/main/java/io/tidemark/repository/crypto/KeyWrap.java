package io.tidemark.repository.crypto;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Wraps data keys with keys of 256 bits: AES-256-GCM, bound to what the data key is. */
final class KeyWrap {
    static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private KeyWrap() {}

    /** A wrapped secret and the nonce it was wrapped with, both in base64. */
    record Sealed(String nonce, String wrapped) {}

    static Sealed seal(DataKey dataKey, byte[] encryptionKey) {
        byte[] nonce = random(NONCE_BYTES);
        try {
            return new Sealed(
                    base64(nonce),
                    base64(cipher(Cipher.ENCRYPT_MODE, encryptionKey, nonce, dataKey.name())
                            .doFinal(dataKey.secret())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    static DataKey open(WrappedKey wrap, byte[] encryptionKey, KeyEncryptionKey key) {
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, encryptionKey, bytes(wrap.nonce()), wrap.key());
            return new DataKey(wrap.key(), cipher.doFinal(bytes(wrap.wrapped())));
        } catch (AEADBadTagException e) {
            throw key.doesNotFit(wrap, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is not available", e);
        }
    }

    private static Cipher cipher(int mode, byte[] key, byte[] nonce, KeyName name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.bytes());
        return cipher;
    }

    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }
}

package io.tidemark.repository.crypto;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** A repository's data key, from which every object's own key is derived. Immutable; never printed. */
public final class DataKey {
    private final UUID id;
    private final byte[] secret;

    DataKey(UUID id, byte[] secret) {
        this.id = id;
        this.secret = secret.clone();
    }

    byte[] secret() {
        return secret.clone();
    }

    public UUID id() {
        return id;
    }

    /**
     * HKDF-SHA256 (RFC 5869) over the data key.
     *
     * @param purpose binds the result to what it is for
     */
    byte[] derive(byte[] salt, String purpose, int lengthBytes) {
        HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
        generator.init(new HKDFParameters(secret, salt, purpose.getBytes(StandardCharsets.UTF_8)));
        byte[] derived = new byte[lengthBytes];
        generator.generateBytes(derived, 0, lengthBytes);
        return derived;
    }

    /** HMAC-SHA256 of the message under a key derived for the purpose. */
    byte[] mac(String purpose, byte[] message) {
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(derive(new byte[0], purpose, 32)));
        mac.update(message, 0, message.length);
        byte[] result = new byte[mac.getMacSize()];
        mac.doFinal(result, 0);
        return result;
    }
}

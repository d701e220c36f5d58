package io.tidemark.repository.crypto;

import io.tidemark.repository.crypto.KeyName.Use;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** A key of a repository, from which objects' own keys are derived. Immutable; never printed. */
public final class DataKey {
    private final KeyName name;
    private final byte[] secret;

    DataKey(KeyName name, byte[] secret) {
        this.name = name;
        this.secret = secret.clone();
    }

    /** Makes the first key of a repository. */
    public static DataKey first(Use use) {
        return create(UUID.randomUUID(), use, Optional.empty());
    }

    /** Makes a key that this one vouches for. */
    public DataKey child(Use use) {
        UUID child = UUID.randomUUID();
        return create(child, use, Optional.of(new KeyName.Parent(name.id(), KeyWrap.base64(proof(child, use)))));
    }

    private static DataKey create(UUID id, Use use, Optional<KeyName.Parent> parent) {
        return new DataKey(new KeyName(id, use, parent), KeyWrap.random(KeyWrap.KEY_BYTES));
    }

    /** Whether somebody who knew this key made the other. */
    public boolean vouchesFor(KeyName child) {
        return child.parent()
                .filter(parent -> parent.id().equals(name.id()))
                .filter(parent -> MessageDigest.isEqual(KeyWrap.bytes(parent.proof()), proof(child.id(), child.use())))
                .isPresent();
    }

    private byte[] proof(UUID child, Use use) {
        return mac("tidemark key proof", KeyName.text(child, use).getBytes(StandardCharsets.UTF_8));
    }

    byte[] secret() {
        return secret.clone();
    }

    public KeyName name() {
        return name;
    }

    public UUID id() {
        return name.id();
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
        mac.init(new KeyParameter(derive(new byte[0], purpose, KeyWrap.KEY_BYTES)));
        mac.update(message, 0, message.length);
        byte[] result = new byte[mac.getMacSize()];
        mac.doFinal(result, 0);
        return result;
    }
}

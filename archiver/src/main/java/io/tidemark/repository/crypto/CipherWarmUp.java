package io.tidemark.repository.crypto;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes AES-GCM fast early. HotSpot uses the processor's own instructions for it only from code that it compiled for good,
 * after some thousand calls: with a chunk of 64 KiB a call, the first 200 MB of a process went through at a fiftieth of the
 * speed. Small calls with a key of their own get there in a third of a second, on a thread of their own.
 *
 * @see <a href="https://bugs.openjdk.org/browse/JDK-8344766">JDK-8344766, which tells the same of another mode</a>
 */
final class CipherWarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(CipherWarmUp.class);
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final int CALLS = 3_000;
    private static final int CALL_BYTES = 1024;

    private CipherWarmUp() {}

    /** Begins, unless it was begun before; returns at once. */
    static void begin() {
        if (BEGUN.compareAndSet(false, true)) {
            Thread thread = new Thread(CipherWarmUp::run, "cipher-warm-up");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void run() {
        SecretKeySpec key = new SecretKeySpec(new byte[32], "AES");
        byte[] plain = new byte[CALL_BYTES];
        byte[] sealed = new byte[CALL_BYTES + ChunkedAead.TAG_BYTES];
        byte[] nonce = new byte[ChunkedAead.NONCE_BYTES];
        long started = System.nanoTime();
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            for (int i = 0; i < CALLS; i++) {
                nonce[0] = (byte) i;
                nonce[1] = (byte) (i >> 8);
                GCMParameterSpec parameters = new GCMParameterSpec(ChunkedAead.TAG_BYTES * 8, nonce);
                cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
                cipher.doFinal(plain, 0, CALL_BYTES, sealed, 0);
                cipher.init(Cipher.DECRYPT_MODE, key, parameters);
                cipher.doFinal(sealed, 0, sealed.length, plain, 0);
            }
            LOG.debug("AES-GCM is warm after {} ms", (System.nanoTime() - started) / 1_000_000);
        } catch (GeneralSecurityException e) {
            // What it is for works without it, and tells what is wrong.
            LOG.debug("AES-GCM was not warmed up", e);
        }
    }
}

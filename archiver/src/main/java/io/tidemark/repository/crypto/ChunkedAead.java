package io.tidemark.repository.crypto;

import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.ChunkedStream;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Chunked AES-256-GCM after the STREAM construction: an object is a header and chunks of 64 KiB, each with its own tag;
 * the nonce counts the chunks and marks the last, so that chunks cannot be swapped, dropped or cut off, and any chunk can
 * be read alone. Each object has a key of its own, derived from the data key, a salt and the object's name, so that
 * an object under another's name does not open. The salt is a MAC over name and content: equal objects are equal
 * byte for byte, and no key ever meets two contents.
 *
 * @see <a href="https://eprint.iacr.org/2015/189">Hoang, Reyhanitabar, Rogaway, Vizár: Online authenticated-encryption
 *     and its nonce-reuse misuse-resistance</a>
 */
public final class ChunkedAead implements ObjectCipher {
    static final int CHUNK_BYTES = 64 * 1024;
    static final int TAG_BYTES = 16;
    static final int NONCE_BYTES = 12;
    private static final byte[] MAGIC = {'P', 'E', 'N', 'C', 1, 0, 0, 0};
    private static final int SALT_BYTES = 32;
    private static final int TAG_TEXT_BYTES = 8;
    static final int HEADER_BYTES = 8 + 16 + SALT_BYTES;
    private static final int NONCE_PREFIX_BYTES = 7;
    private static final int KEY_BYTES = 32;

    private final DataKey dataKey;
    private final UUID repository;
    private final Keys keys;

    /** The other data keys of the repository. */
    public interface Keys {
        /**
         * The data key that an object names.
         *
         * @throws TidemarkException if there is none, or it cannot be opened here
         */
        DataKey find(UUID keyId, ObjectName object);
    }

    /**
     * @param dataKey seals
     * @param keys open what others sealed
     */
    public ChunkedAead(DataKey dataKey, UUID repository, Keys keys) {
        this.dataKey = dataKey;
        this.repository = repository;
        this.keys = keys;
    }

    @Override
    public String tag(Sha256 plainSha256) {
        byte[] content = plainSha256.toString().getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(dataKey.mac("tidemark object tag", content), 0, TAG_TEXT_BYTES);
    }

    @Override
    public ObjectContent seal(ObjectName name, ObjectContent plain, Sha256 plainSha256) {
        byte[] salt = dataKey.mac(
                "tidemark object salt",
                (repository + "\n" + name + "\n" + plainSha256).getBytes(StandardCharsets.UTF_8));
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .put(MAGIC)
                .putLong(dataKey.id().getMostSignificantBits())
                .putLong(dataKey.id().getLeastSignificantBits())
                .put(salt)
                .array();
        long chunks = Math.max(1, (plain.lengthBytes() + CHUNK_BYTES - 1) / CHUNK_BYTES);
        long length = HEADER_BYTES + plain.lengthBytes() + chunks * TAG_BYTES;
        return new ObjectContent() {
            @Override
            public long lengthBytes() {
                return length;
            }

            @Override
            public InputStream open() throws IOException {
                return new SealingStream(header, chunks, plain.open(), new ChunkCipher(dataKey, header, name));
            }
        };
    }

    @Override
    public ObjectReader unseal(ObjectName name, ObjectReader stored) throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        if (stored.lengthBytes() < HEADER_BYTES + TAG_BYTES) {
            throw TidemarkException.corrupt("object " + name + " is too short to be an encrypted object");
        }
        stored.readFully(0, header, 0, HEADER_BYTES);
        if (!Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw TidemarkException.corrupt("object " + name + " is not an encrypted object of a known version");
        }
        DataKey sealedWith = keys.find(keyId(header), name);
        return new UnsealingReader(name, stored, new ChunkCipher(sealedWith, header, name));
    }

    private static UUID keyId(byte[] header) {
        ByteBuffer id = ByteBuffer.wrap(header, MAGIC.length, 16);
        return new UUID(id.getLong(), id.getLong());
    }

    /** The data key that an object as stored says it was sealed with; empty if it is not encrypted. */
    public static Optional<UUID> keyId(ObjectReader stored) throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        if (stored.lengthBytes() < HEADER_BYTES) {
            return Optional.empty();
        }
        stored.readFully(0, header, 0, HEADER_BYTES);
        return Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                ? Optional.of(keyId(header))
                : Optional.empty();
    }

    /** Encrypts and decrypts chunks of one object. Not thread-safe. */
    private final class ChunkCipher {
        private final byte[] header;
        private final SecretKeySpec key;
        private final byte[] nonce = new byte[NONCE_BYTES];
        private final Cipher cipher;

        ChunkCipher(DataKey dataKey, byte[] header, ObjectName name) {
            this.header = header;
            byte[] salt = Arrays.copyOfRange(header, HEADER_BYTES - SALT_BYTES, HEADER_BYTES);
            byte[] derived =
                    dataKey.derive(salt, "tidemark object " + repository + " " + name, KEY_BYTES + NONCE_PREFIX_BYTES);
            key = new SecretKeySpec(derived, 0, KEY_BYTES, "AES");
            System.arraycopy(derived, KEY_BYTES, nonce, 0, NONCE_PREFIX_BYTES);
            try {
                cipher = Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM is not available", e);
            }
        }

        int apply(int mode, long chunk, boolean last, byte[] in, int inLength, byte[] out)
                throws GeneralSecurityException {
            ByteBuffer.wrap(nonce, NONCE_PREFIX_BYTES, 5)
                    .putInt(Math.toIntExact(chunk))
                    .put((byte) (last ? 1 : 0));
            if (inLength >= CHUNK_BYTES) {
                CipherWarmUp.begin();
            }
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
            cipher.updateAAD(header);
            return cipher.doFinal(in, 0, inLength, out, 0);
        }
    }

    private static final class SealingStream extends ChunkedStream {
        private final long chunks;
        private final InputStream plain;
        private final ChunkCipher cipher;
        private final byte[] plainChunk = new byte[CHUNK_BYTES];
        private final byte[] sealedChunk = new byte[CHUNK_BYTES + TAG_BYTES];
        private long next;

        SealingStream(byte[] header, long chunks, InputStream plain, ChunkCipher cipher) {
            this.chunks = chunks;
            this.plain = plain;
            this.cipher = cipher;
            chunk(header, header.length);
        }

        @Override
        protected boolean next() throws IOException {
            if (next == chunks) {
                return false;
            }
            int length = plain.readNBytes(plainChunk, 0, CHUNK_BYTES);
            try {
                chunk(
                        sealedChunk,
                        cipher.apply(Cipher.ENCRYPT_MODE, next, next == chunks - 1, plainChunk, length, sealedChunk));
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot encrypt", e);
            }
            next++;
            return true;
        }

        @Override
        public void close() throws IOException {
            plain.close();
        }
    }

    private static final class UnsealingReader implements ObjectReader {
        private final ObjectName name;
        private final ObjectReader stored;
        private final ChunkCipher cipher;
        private final long chunks;
        private final long length;
        private final byte[] sealedChunk = new byte[CHUNK_BYTES + TAG_BYTES];
        private final byte[] plainChunk = new byte[CHUNK_BYTES];
        private long loaded = -1;

        UnsealingReader(ObjectName name, ObjectReader stored, ChunkCipher cipher) {
            this.name = name;
            this.stored = stored;
            this.cipher = cipher;
            long body = stored.lengthBytes() - HEADER_BYTES;
            int sealedBytes = CHUNK_BYTES + TAG_BYTES;
            chunks = (body + sealedBytes - 1) / sealedBytes;
            length = body - chunks * TAG_BYTES;
        }

        @Override
        public long lengthBytes() {
            return length;
        }

        @Override
        public void readFully(long position, byte[] target, int start, int count) throws IOException {
            if (position < 0 || position + count > length) {
                throw new java.io.EOFException("ends at byte " + length + ", " + (position + count) + " expected");
            }
            int done = 0;
            while (done < count) {
                long at = position + done;
                load(at / CHUNK_BYTES);
                int offset = (int) (at % CHUNK_BYTES);
                int copied = Math.min(count - done, CHUNK_BYTES - offset);
                System.arraycopy(plainChunk, offset, target, start + done, copied);
                done += copied;
            }
        }

        private void load(long chunk) throws IOException {
            if (chunk == loaded) {
                return;
            }
            long from = HEADER_BYTES + chunk * (CHUNK_BYTES + TAG_BYTES);
            int sealedLength = (int) Math.min(sealedChunk.length, stored.lengthBytes() - from);
            stored.readFully(from, sealedChunk, 0, sealedLength);
            loaded = -1;
            try {
                cipher.apply(Cipher.DECRYPT_MODE, chunk, chunk == chunks - 1, sealedChunk, sealedLength, plainChunk);
            } catch (GeneralSecurityException e) {
                throw TidemarkException.corrupt(
                        "object " + name + " was altered: its bytes from " + from + " on do not authenticate", e);
            }
            loaded = chunk;
        }

        @Override
        public void close() throws IOException {
            stored.close();
        }
    }
}

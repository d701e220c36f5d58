package io.tidemark.repository.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the encryption promises: equal in, equal out; nothing altered, moved, cut or swapped is ever read. */
class ChunkedAeadTest {
    private static final UUID REPOSITORY = UUID.fromString("00000000-0000-0000-0000-000000000001");
    private static final ObjectName NAME = new ObjectName("shop/segments/1.seg");

    private static final DataKey KEY = DataKey.first(KeyName.Use.ALL);

    private final ChunkedAead cipher = cipher(KEY, REPOSITORY);

    private static ChunkedAead cipher(DataKey key, UUID repository) {
        return new ChunkedAead(key, repository, (id, object) -> {
            if (!id.equals(KEY.id())) {
                throw TidemarkException.corrupt("no such key");
            }
            return KEY;
        });
    }

    private record Bytes(byte[] bytes) implements ObjectReader {
        @Override
        public long lengthBytes() {
            return bytes.length;
        }

        @Override
        public void readFully(long position, byte[] target, int start, int count) throws IOException {
            if (position + count > bytes.length) {
                throw new EOFException();
            }
            System.arraycopy(bytes, (int) position, target, start, count);
        }

        @Override
        public void close() {}
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private byte[] seal(ObjectName name, byte[] plain) throws IOException {
        ObjectContent sealed = cipher.seal(name, ObjectContent.of(plain), Sha256.of(plain));
        byte[] bytes = sealed.open().readAllBytes();
        assertThat(bytes).hasSize((int) sealed.lengthBytes());
        return bytes;
    }

    private byte[] unseal(ObjectName name, byte[] sealed) throws IOException {
        return unseal(cipher, name, sealed);
    }

    private static byte[] unseal(ChunkedAead cipher, ObjectName name, byte[] sealed) throws IOException {
        try (ObjectReader reader = cipher.unseal(name, new Bytes(sealed))) {
            byte[] plain = new byte[(int) reader.lengthBytes()];
            reader.readFully(0, plain, 0, plain.length);
            return plain;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 200_000})
    void whatIsSealedIsUnsealed(int length) throws IOException {
        byte[] plain = random(length);

        assertThat(unseal(NAME, seal(NAME, plain))).isEqualTo(plain);
        assertThat(seal(NAME, plain)).isEqualTo(seal(NAME, plain));
    }

    @Test
    void anyPartIsReadAlone() throws IOException {
        byte[] plain = random(300_000);
        ObjectReader reader = cipher.unseal(NAME, new Bytes(seal(NAME, plain)));
        byte[] part = new byte[70_000];

        reader.readFully(123_456, part, 0, part.length);

        assertThat(part).isEqualTo(Arrays.copyOfRange(plain, 123_456, 193_456));
    }

    @Test
    void everyFlippedBitIsSeen() throws IOException {
        byte[] sealed = seal(NAME, random(70_000));
        for (int at : new int[] {0, 9, 30, ChunkedAead.HEADER_BYTES, 40_000, sealed.length - 1}) {
            byte[] damaged = sealed.clone();
            damaged[at] ^= 1;
            assertThatThrownBy(() -> unseal(NAME, damaged)).isInstanceOf(TidemarkException.class);
        }
    }

    @Test
    void aCutOffTailIsSeenEvenAtAChunksEnd() throws IOException {
        byte[] sealed = seal(NAME, random(3 * ChunkedAead.CHUNK_BYTES));
        int twoChunks = ChunkedAead.HEADER_BYTES + 2 * (ChunkedAead.CHUNK_BYTES + ChunkedAead.TAG_BYTES);

        assertThatThrownBy(() -> unseal(NAME, Arrays.copyOf(sealed, twoChunks))).hasMessageContaining("altered");
    }

    @Test
    void swappedChunksAreSeen() throws IOException {
        byte[] sealed = seal(NAME, random(3 * ChunkedAead.CHUNK_BYTES));
        byte[] swapped = sealed.clone();
        int size = ChunkedAead.CHUNK_BYTES + ChunkedAead.TAG_BYTES;
        System.arraycopy(sealed, ChunkedAead.HEADER_BYTES, swapped, ChunkedAead.HEADER_BYTES + size, size);
        System.arraycopy(sealed, ChunkedAead.HEADER_BYTES + size, swapped, ChunkedAead.HEADER_BYTES, size);

        assertThatThrownBy(() -> unseal(NAME, swapped)).hasMessageContaining("altered");
    }

    @Test
    void anObjectUnderAnothersNameDoesNotOpen() throws IOException {
        byte[] sealed = seal(NAME, random(100));

        assertThatThrownBy(() -> unseal(new ObjectName("shop/segments/2.seg"), sealed))
                .hasMessageContaining("altered");
        ChunkedAead elsewhere = cipher(KEY, UUID.randomUUID());
        assertThatThrownBy(() -> unseal(elsewhere, NAME, sealed)).hasMessageContaining("altered");
    }

    @Test
    void namesTellNothingOfWhatIsInObjects() {
        Sha256 content = Sha256.of(random(10));

        assertThat(cipher.tag(content))
                .isEqualTo(cipher.tag(content))
                .hasSize(16)
                .isNotEqualTo(content.brief());
        assertThat(cipher.tag(content)).isNotEqualTo(cipher.tag(Sha256.of(random(11))));
        assertThat(cipher.tag(content))
                .isNotEqualTo(cipher(DataKey.first(KeyName.Use.ALL), REPOSITORY).tag(content));
    }
}

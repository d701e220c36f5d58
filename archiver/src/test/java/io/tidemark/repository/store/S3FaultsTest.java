package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.fixture.FaultyProxy;
import io.tidemark.fixture.S3Proxy;
import io.tidemark.repository.store.s3.S3ObjectStore;
import io.tidemark.repository.store.s3.S3Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket behind a network that cuts, delays and refuses: what is read is what was put, or an error; never else. */
class S3FaultsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @TempDir
    private Path directory = Path.of("");

    @Test
    void objectsSurviveABadNetwork() throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        Random random = new Random(SEED);
        Map<ObjectName, byte[]> stored = new HashMap<>();
        try (S3Proxy s3 = S3Proxy.start(directory);
                FaultyProxy network = new FaultyProxy(s3.endpoint(), SEED)) {
            S3Settings settings = new S3Settings(
                    S3Proxy.BUCKET,
                    "bad",
                    Optional.of(network.endpoint()),
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    2);
            try (ObjectStore store = new S3ObjectStore(settings, Clock.systemUTC())) {
                for (int i = 0; i < 16; i++) {
                    ObjectName name = new ObjectName("o/" + i);
                    byte[] content = new byte[i % 8 == 7 ? 9_000_000 + i : random.nextInt(600_000)];
                    random.nextBytes(content);
                    if (put(store, name, content)) {
                        stored.put(name, content);
                    }
                }
                for (Map.Entry<ObjectName, byte[]> entry : stored.entrySet()) {
                    assertThat(Arrays.equals(read(store, entry.getKey()), entry.getValue()))
                            .as("%s", entry.getKey())
                            .isTrue();
                    assertThat(store.putIfAbsent(entry.getKey(), ObjectContent.of(new byte[] {1})))
                            .isFalse();
                }
            }
            assertThat(stored).hasSizeGreaterThan(10);
            assertThat(network.faults()).isPositive();
            System.out.println(network.faults() + " faults, " + stored.size() + " of 16 objects stored");
        }
    }

    /** A put that fails leaves nothing or everything; done again it succeeds either way. */
    private static boolean put(ObjectStore store, ObjectName name, byte[] content) {
        for (int attempt = 0; attempt < 8; attempt++) {
            try {
                return store.putIfAbsent(name, ObjectContent.of(content));
            } catch (IOException e) {
                System.out.println("put of " + name + ": " + e.getMessage());
            }
        }
        return false;
    }

    /** Goes on where a read failed. */
    private static byte[] read(ObjectStore store, ObjectName name) throws IOException {
        byte[] bytes = new byte[0];
        int at = 0;
        for (int attempt = 0; ; attempt++) {
            try (ObjectReader reader = store.open(name).orElseThrow()) {
                bytes = Arrays.copyOf(bytes, Math.toIntExact(reader.lengthBytes()));
                while (at < bytes.length) {
                    int count = Math.min(65_552, bytes.length - at);
                    reader.readFully(at, bytes, at, count);
                    at += count;
                }
                return bytes;
            } catch (IOException e) {
                System.out.println("read of " + name + " at " + at + ": " + e.getMessage());
                if (attempt == 200) {
                    throw e;
                }
            }
        }
    }
}

package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.s3.S3ObjectStore;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.s3.CuttingProxy;
import io.tidemark.testbed.s3.FaultyProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A bucket behind a network that cuts, delays and refuses: what is read is what was put, or an error; never else. It mostly
 * waits, so it runs with the tests of 'app', which have enough to do meanwhile.
 */
@Tag("full")
class S3FaultsTest {
    private static final ObjectName CUT = new ObjectName("cut/object");

    @RegisterExtension
    private static final Testbed TESTBED = new Testbed();

    @Test
    void objectsSurviveABadNetwork() throws Exception {
        Random random = Seed.random();
        Map<ObjectName, byte[]> stored = new HashMap<>();
        try (FaultyProxy network = new FaultyProxy(TESTBED.s3().endpoint(), Seed.value())) {
            try (ObjectStore store = through(network.endpoint(), "bad", 2)) {
                for (int i = 0; i < 16; i++) {
                    ObjectName name = new ObjectName("o/" + i);
                    byte[] content = new byte[i % 8 == 7 ? 9_000_000 + i : random.nextInt(600_000)];
                    random.nextBytes(content);
                    if (put(store, name, content).orElse(false)) {
                        stored.put(name, content);
                    }
                }
                for (Map.Entry<ObjectName, byte[]> entry : stored.entrySet()) {
                    assertThat(Arrays.equals(read(store, entry.getKey()), entry.getValue()))
                            .as("%s", entry.getKey())
                            .isTrue();
                    assertThat(put(store, entry.getKey(), new byte[] {1})).contains(false);
                }
            }
            assertThat(stored).hasSizeGreaterThan(10);
            assertThat(network.faults()).isPositive();
            System.out.println(network.faults() + " faults, " + stored.size() + " of 16 objects stored");
        }
    }

    /** A put that fails leaves nothing or everything; done again it succeeds either way. Empty if no answer ever came. */
    private static Optional<Boolean> put(ObjectStore store, ObjectName name, byte[] content) {
        for (int attempt = 0; attempt < 8; attempt++) {
            try {
                return Optional.of(store.putIfAbsent(name, ObjectContent.of(content)));
            } catch (IOException e) {
                System.out.println("put of " + name + ": " + e.getMessage());
            }
        }
        return Optional.empty();
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

    private interface Call {
        Object on(ObjectStore store) throws IOException;
    }

    /** Every answer cut after each of its bytes. */
    @Test
    void noPartOfAnAnswerIsTakenForTheAnswer() throws Exception {
        try (ObjectStore store = through(TESTBED.s3().endpoint(), "cut", 1)) {
            store.putIfAbsent(CUT, ObjectContent.of(new byte[100]));
        }
        everyCut(store -> store.stat(CUT));
        everyCut(store -> Sha256.of(read(store)));
        everyCut(S3FaultsTest::list);
        everyCut(store -> store.putIfAbsent(CUT, ObjectContent.of(new byte[100])));
    }

    private static void everyCut(Call call) throws IOException {
        URI endpoint = TESTBED.s3().endpoint();
        try (CuttingProxy network = new CuttingProxy(endpoint);
                ObjectStore direct = through(endpoint, "cut", 1);
                ObjectStore store = through(network.endpoint(), "cut", 1)) {
            Object whole = call.on(direct);
            int failed = 0;
            int bytes = 0;
            do {
                network.cutAfter(++bytes);
                try {
                    assertThat(call.on(store)).as("after %d bytes", bytes).isEqualTo(whole);
                } catch (IOException e) {
                    failed++;
                }
            } while (network.hasCut());
            System.out.println(whole + ": " + failed + " of " + bytes + " cuts failed");
            assertThat(failed).isGreaterThan(100).isLessThan(bytes);
        }
    }

    private static byte[] read(ObjectStore store) throws IOException {
        try (ObjectReader reader = store.open(CUT).orElseThrow()) {
            byte[] bytes = new byte[Math.toIntExact(reader.lengthBytes())];
            reader.readFully(0, bytes, 0, bytes.length);
            return bytes;
        }
    }

    private static List<StoredObject> list(ObjectStore store) throws IOException {
        List<StoredObject> found = new ArrayList<>();
        store.list("", "", found::add);
        return found;
    }

    private static ObjectStore through(URI endpoint, String prefix, int attempts) {
        return new S3ObjectStore(TestBucket.of(endpoint, prefix, attempts), Clock.systemUTC());
    }
}

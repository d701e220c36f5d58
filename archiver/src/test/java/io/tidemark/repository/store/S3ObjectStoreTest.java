package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.s3.S3ObjectStore;
import io.tidemark.repository.store.s3.S3Settings;
import io.tidemark.testbed.Testbed;
import java.io.IOException;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of object stores, kept by a bucket of a real server that checks signatures. */
class S3ObjectStoreTest extends ObjectStoreContract {
    @RegisterExtension
    private static final Testbed TESTBED = new Testbed();

    /** A prefix of its own for each test. */
    private final String prefix = "test/" + UUID.randomUUID();

    @Override
    ObjectStore open() {
        return new S3ObjectStore(TestBucket.of(TESTBED.s3().endpoint(), prefix, 3), Clock.systemUTC());
    }

    @Test
    void theStoreTellsTheHashOfSmallAndLargeObjectsUnread() throws IOException {
        try (ObjectStore store = open()) {
            for (int bytes : new int[] {10, 9 << 20}) {
                ObjectName name = new ObjectName("object-" + bytes);
                store.putIfAbsent(name, ObjectContent.of(new byte[bytes]));

                assertThat(store.stat(name).orElseThrow().sha256()).contains(Sha256.of(new byte[bytes]));
            }
        }
    }

    @Test
    void puttingTheSameAgainIsNoConflict() throws IOException {
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("lost-answer");
            store.putIfAbsent(name, ObjectContent.of(new byte[5]));

            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[5]))).isTrue();
            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[6]))).isFalse();
        }
    }

    @Test
    void aBucketThatIsNotThereIsNamed() throws IOException {
        S3Settings good = TestBucket.of(TESTBED.s3().endpoint(), prefix, 3);
        S3Settings bad = new S3Settings(
                "nobodys-bucket",
                good.prefix(),
                good.endpoint(),
                true,
                good.region(),
                good.profile(),
                good.kmsKeyId(),
                good.storageClass(),
                good.lock(),
                1);
        try (ObjectStore store = new S3ObjectStore(bad, Clock.systemUTC())) {
            assertThatThrownBy(() -> store.putIfAbsent(new ObjectName("a"), ObjectContent.of(new byte[1])))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("bucket does not exist");
        }
    }
}

package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.store.s3.S3ObjectStore;
import io.tidemark.repository.store.s3.S3Settings;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.s3.RadosGateway;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * The contract of object stores on Ceph's gateway, and Object Lock, which it keeps. It mostly waits, so it runs with the tests of
 * 'app', which have enough to do meanwhile.
 */
@Tag("full")
class RadosGatewayTest extends ObjectStoreContract {
    private static final String PLAIN = "plain";
    private static final String LOCKED = "locked";
    private static final ObjectName NAME = new ObjectName("s/segments/1.seg");

    @TempDir
    private static Path directory = Path.of("");

    private static Optional<RadosGateway> server = Optional.empty();

    private final String prefix = "test/" + UUID.randomUUID();

    @BeforeAll
    static void start() throws Exception {
        server = Optional.of(RadosGateway.start(directory));
        try (S3AsyncClient s3 = client()) {
            s3.createBucket(r -> r.bucket(PLAIN)).join();
            s3.createBucket(r -> r.bucket(LOCKED).objectLockEnabledForBucket(true))
                    .join();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (server.isPresent()) {
            server.get().close();
        }
    }

    @Override
    ObjectStore open() {
        return open(Optional.empty(), Optional.empty());
    }

    private S3ObjectStore open(Optional<String> kmsKey, Optional<String> storageClass) {
        return new S3ObjectStore(settings(PLAIN, kmsKey, storageClass, Optional.empty()), Clock.systemUTC());
    }

    private S3Settings settings(
            String bucket, Optional<String> kmsKey, Optional<String> storageClass, Optional<S3Settings.Lock> lock) {
        return TestBucket.of(server.orElseThrow().endpoint(), bucket, prefix, 3, kmsKey, storageClass, lock);
    }

    private HeadObjectResponse head(ObjectName name) {
        try (S3AsyncClient s3 = client()) {
            return s3.headObject(r -> r.bucket(PLAIN).key(prefix + "/" + name)).join();
        }
    }

    private static S3AsyncClient client() {
        return S3AsyncClient.builder()
                .endpointOverride(server.orElseThrow().endpoint())
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .build();
    }

    @Test
    void objectsAreEncryptedAtTheServerAndHaveTheirStorageClass() throws IOException {
        try (ObjectStore store = open(Optional.of(RadosGateway.KMS_KEY), Optional.of(RadosGateway.STORAGE_CLASS))) {
            for (int bytes : new int[] {10, 9 << 20}) {
                ObjectName name = new ObjectName("s/segments/" + bytes + ".seg");
                store.putIfAbsent(name, ObjectContent.of(new byte[bytes]));

                assertThat(head(name).serverSideEncryption()).isEqualTo(ServerSideEncryption.AWS_KMS);
                assertThat(head(name).ssekmsKeyId()).isEqualTo(RadosGateway.KMS_KEY);
                assertThat(head(name).storageClassAsString()).isEqualTo(RadosGateway.STORAGE_CLASS);
                try (ObjectReader reader = store.open(name).orElseThrow()) {
                    byte[] read = new byte[bytes];
                    reader.readFully(0, read, 0, bytes);
                    assertThat(read).containsOnly(0);
                }
            }
        }
    }

    private ObjectStore locking(boolean compliance, Duration period, Clock clock) {
        S3Settings.Lock lock = new S3Settings.Lock(compliance, period);
        return new S3ObjectStore(settings(LOCKED, Optional.empty(), Optional.empty(), Optional.of(lock)), clock);
    }

    @Test
    void aLockedObjectStaysUntilItsLockEnds() throws Exception {
        try (ObjectStore store = locking(true, Duration.ofSeconds(5), Clock.systemUTC())) {
            assertThat(store.putIfAbsent(NAME, ObjectContent.of(new byte[10]))).isTrue();

            assertThat(store.delete(NAME)).isEqualTo(Deletion.LOCKED);
            assertThat(store.stat(NAME)).isPresent();
            Await.until("the lock ends", Duration.ofSeconds(30), () -> store.delete(NAME) == Deletion.DELETED);
            assertThat(store.stat(NAME)).isEmpty();
            assertThat(store.putIfAbsent(NAME, ObjectContent.of(new byte[11]))).isTrue();
        }
    }

    /** The server's clock counts, not ours. */
    @Test
    void aClockThatIsAheadDoesNotUnlock() throws IOException {
        Clock ahead = Clock.offset(Clock.systemUTC(), Duration.ofDays(2));
        try (ObjectStore store = locking(true, Duration.ofHours(1), Clock.systemUTC());
                ObjectStore early = locking(true, Duration.ofHours(1), ahead)) {
            for (int bytes : new int[] {10, 9 << 20}) {
                ObjectName name = new ObjectName("s/segments/" + bytes + ".seg");
                store.putIfAbsent(name, ObjectContent.of(new byte[bytes]));

                assertThat(early.delete(name)).isEqualTo(Deletion.LOCKED);
                assertThat(store.stat(name)).isPresent();
            }
        }
    }

    /** This server ignores conditions in buckets with versions, which Object Lock needs: a repository would not be safe. */
    @Test
    void aServerThatIgnoresConditionsIsRefused() throws IOException {
        try (ObjectStore store = locking(false, Duration.ofHours(1), Clock.systemUTC())) {
            assertThatThrownBy(() -> NewRepository.make(store, Optional.empty()))
                    .hasMessageContaining("ignores If-None-Match");
            assertThat(Repository.exists(store)).isFalse();
        }
        try (ObjectStore store = open()) {
            Repository repository = NewRepository.make(store, Optional.empty());

            assertThat(Repository.open(store, Optional.empty()).identity()).isEqualTo(repository.identity());
        }
    }
}

package io.tidemark.repository.store;

import io.tidemark.repository.store.s3.S3Settings;
import io.tidemark.testbed.s3.S3Proxy;
import java.net.URI;
import java.util.Optional;

/** Settings for buckets of the testbed's servers. */
final class TestBucket {
    private TestBucket() {}

    /** A place in the bucket of S3Proxy, on any way to the server. */
    static S3Settings of(URI endpoint, String prefix, int attempts) {
        return of(endpoint, S3Proxy.BUCKET, prefix, attempts, Optional.empty(), Optional.empty(), Optional.empty());
    }

    static S3Settings of(
            URI endpoint,
            String bucket,
            String prefix,
            int attempts,
            Optional<String> kmsKey,
            Optional<String> storageClass,
            Optional<S3Settings.Lock> lock) {
        return new S3Settings(
                bucket,
                prefix,
                Optional.of(endpoint),
                true,
                Optional.empty(),
                Optional.empty(),
                kmsKey,
                storageClass,
                lock,
                attempts);
    }
}

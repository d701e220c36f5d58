package io.tidemark.repository.store.s3;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a bucket is and how objects are put into it. Credentials come from the SDK's own chain: environment, system
 * properties, profile files, web identity, container and instance roles.
 *
 * @param prefix of all names, without slashes at its ends; empty for the whole bucket
 * @param endpoint of a server that is not AWS
 * @param pathStyle whether the bucket stands in the path and not in the host name
 * @param region empty for what the environment says
 * @param profile of the credentials file
 * @param kmsKeyId a KMS key for encryption at the server, on top of Tidemark's own
 * @param storageClass of new objects
 * @param lock how long new objects are locked by Object Lock; empty for not at all
 * @param attempts how often a request is tried, with growing, random pauses
 */
public record S3Settings(
        String bucket,
        String prefix,
        Optional<URI> endpoint,
        boolean pathStyle,
        Optional<String> region,
        Optional<String> profile,
        Optional<String> kmsKeyId,
        Optional<String> storageClass,
        Optional<Lock> lock,
        int attempts) {
    /**
     * Object Lock of new objects.
     *
     * @param compliance whether nobody at all may shorten it (COMPLIANCE), or some may (GOVERNANCE)
     */
    public record Lock(boolean compliance, Duration period) {}
}

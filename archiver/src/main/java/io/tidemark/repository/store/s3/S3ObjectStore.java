package io.tidemark.repository.store.s3;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.tidemark.model.Sha256;
import io.tidemark.repository.http.WholeAnswers;
import io.tidemark.repository.store.Deletion;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectReader;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.StoredObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * Objects in a bucket. A put carries its SHA-256, which the server checks, and the condition that the name is free; large
 * objects go in parts at once. The hash also stands in the object's metadata, so that {@link #stat} tells it. Needs a
 * server that keeps {@code If-None-Match}, which {@code Repository.init} tries.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">Conditional writes</a>
 */
public final class S3ObjectStore implements ObjectStore {
    static final String SHA256_METADATA = "sha256";
    private static final int FORBIDDEN = 403;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int CONNECTIONS = 64;
    private static final int THREADS = 2;
    private static final Duration ATTEMPT_PATIENCE = Duration.ofMinutes(2);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);

    private final S3Settings settings;
    private final Clock clock;
    private final EventLoopGroup threads = new NioEventLoopGroup(THREADS);
    private final S3AsyncClient s3;
    private final S3Upload upload;
    private volatile boolean knownToLock;
    private final ReadBudget budget = new ReadBudget(Runtime.getRuntime().maxMemory() / 8);

    public S3ObjectStore(S3Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        s3 = client(settings, threads);
        upload = new S3Upload(s3, settings.bucket(), this::requestOf);
    }

    private static S3AsyncClient client(S3Settings settings, EventLoopGroup threads) {
        DefaultCredentialsProvider.Builder credentials = DefaultCredentialsProvider.builder();
        settings.profile().ifPresent(credentials::profileName);
        S3AsyncClientBuilder builder = S3AsyncClient.builder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .eventLoopGroup(SdkEventLoopGroup.create(threads, WholeAnswers::channel))
                        .maxConcurrency(CONNECTIONS)
                        .connectionTimeout(CONNECT_PATIENCE)
                        .connectionAcquisitionTimeout(ATTEMPT_PATIENCE))
                .credentialsProvider(credentials.build())
                .region(region(settings))
                .forcePathStyle(settings.pathStyle())
                // Puts bring a SHA-256 of their own; what is read is checked against the catalog.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(o -> o.apiCallAttemptTimeout(ATTEMPT_PATIENCE)
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(settings.attempts())
                                .build()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }

    /** Servers that are not AWS mostly do not care. */
    private static Region region(S3Settings settings) {
        if (settings.region().isPresent()) {
            return Region.of(settings.region().get());
        }
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (SdkClientException e) {
            return Region.US_EAST_1;
        }
    }

    private PutObjectRequest.Builder requestOf(ObjectName name, Sha256 sha256) {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(key(name))
                .ifNoneMatch("*")
                .metadata(Map.of(SHA256_METADATA, sha256.hex()));
        settings.storageClass().ifPresent(request::storageClass);
        settings.kmsKeyId()
                .ifPresent(id -> request.serverSideEncryption(ServerSideEncryption.AWS_KMS)
                        .ssekmsKeyId(id));
        settings.lock()
                .ifPresent(lock -> request.objectLockMode(
                                lock.compliance() ? ObjectLockMode.COMPLIANCE : ObjectLockMode.GOVERNANCE)
                        .objectLockRetainUntilDate(clock.instant().plus(lock.period())));
        return request;
    }

    private String key(ObjectName name) {
        return root() + name.text();
    }

    private String root() {
        return settings.prefix().isEmpty() ? "" : settings.prefix() + "/";
    }

    @Override
    public boolean putIfAbsent(ObjectName name, ObjectContent content) throws IOException {
        Sha256 sha256 = content.sha256();
        try {
            if (content.lengthBytes() > S3Upload.PART_BYTES) {
                // Spares sending it again; and some servers forget the condition when parts are put together.
                if (head(name).isPresent()) {
                    return isOurs(name, sha256);
                }
                upload.inParts(name, content, sha256);
                requireLock(name);
            } else {
                byte[] bytes;
                try (java.io.InputStream in = content.open()) {
                    bytes = in.readAllBytes();
                }
                String checksum = Base64.getEncoder().encodeToString(sha256.bytes());
                S3Calls.await(s3.putObject(
                        requestOf(name, sha256).checksumSHA256(checksum).build(),
                        AsyncRequestBody.fromBytesUnsafe(bytes)));
                if (!knownToLock) {
                    requireLock(name);
                    knownToLock = true;
                }
            }
            return true;
        } catch (IOException e) {
            if (S3Calls.isTaken(e)) {
                return isOurs(name, sha256);
            }
            throw e;
        }
    }

    /** A server may ignore the lock that a put asks for, or that of objects in parts. */
    private void requireLock(ObjectName name) throws IOException {
        if (settings.lock().isEmpty() || isLocked(name)) {
            return;
        }
        PutObjectRequest wanted = requestOf(name, Sha256.NONE).build();
        S3Calls.await(s3.putObjectRetention(r -> r.bucket(wanted.bucket())
                .key(wanted.key())
                .retention(lock -> lock.mode(wanted.objectLockModeAsString())
                        .retainUntilDate(wanted.objectLockRetainUntilDate()))));
        if (!isLocked(name)) {
            throw new IOException("the store does not keep Object Lock, which s3.lock.period asks for");
        }
    }

    private boolean isLocked(ObjectName name) throws IOException {
        return head(name).map(HeadObjectResponse::objectLockRetainUntilDate).isPresent();
    }

    /**
     * Whether an object that is there already is the very one that was to be put: then an answer was lost and the SDK put
     * it twice. Somebody else's equal object would do as well.
     */
    private boolean isOurs(ObjectName name, Sha256 sha256) throws IOException {
        Optional<StoredObject> there = stat(name);
        if (there.isEmpty()) {
            throw new IOException("the store refuses " + name + " as being there, but does not have it");
        }
        return there.get().sha256().equals(Optional.of(sha256));
    }

    @Override
    public Optional<ObjectReader> open(ObjectName name) throws IOException {
        ResponseBytes<GetObjectResponse> first;
        try {
            first = S3Calls.await(s3.getObject(
                    r -> r.bucket(settings.bucket()).key(key(name)).range(range(0, S3Reader.FIRST_WINDOW_BYTES)),
                    AsyncResponseTransformer.toBytes()));
        } catch (IOException e) {
            if (S3Calls.isNotFound(e)) {
                return Optional.empty();
            }
            if (S3Calls.hasStatus(e, RANGE_NOT_SATISFIABLE)) {
                return Optional.of(new S3Reader((position, count) -> noRange(), budget, 0, new byte[0]));
            }
            throw e;
        }
        String etag = first.response().eTag();
        S3Reader.Ranges ranges = (position, count) -> fetch(name, etag, position, count);
        return Optional.of(new S3Reader(ranges, budget, length(first), first.asByteArrayUnsafe()));
    }

    private static CompletableFuture<byte[]> noRange() {
        return CompletableFuture.failedFuture(new IOException("the object is empty"));
    }

    private CompletableFuture<byte[]> fetch(ObjectName name, String etag, long position, int count) {
        return s3.getObject(
                        r -> r.bucket(settings.bucket())
                                .key(key(name))
                                .ifMatch(etag)
                                .range(range(position, count)),
                        AsyncResponseTransformer.toBytes())
                .thenApply(ResponseBytes::asByteArrayUnsafe)
                .thenCompose(bytes -> bytes.length == count
                        ? CompletableFuture.completedFuture(bytes)
                        : CompletableFuture.failedFuture(new IOException("the store sent " + bytes.length + " of "
                                + count + " bytes of object " + name + " from " + position + " on")));
    }

    private static String range(long position, int count) {
        return "bytes=" + position + "-" + (position + count - 1);
    }

    /** {@code Content-Range: bytes 0-65535/1000000}; a server that ignores ranges sends everything. */
    private static long length(ResponseBytes<GetObjectResponse> answer) throws IOException {
        String range = answer.response().contentRange();
        if (range == null) {
            return answer.asByteArrayUnsafe().length;
        }
        try {
            return Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
        } catch (NumberFormatException e) {
            throw new IOException("the store answers with the unreadable Content-Range " + range, e);
        }
    }

    @Override
    public Optional<StoredObject> stat(ObjectName name) throws IOException {
        Optional<HeadObjectResponse> found = head(name);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        HeadObjectResponse head = found.get();
        if (head.contentLength() == null || head.lastModified() == null) {
            throw new IOException("the store does not tell length and time of object " + name);
        }
        return Optional.of(new StoredObject(
                name,
                head.contentLength(),
                head.lastModified(),
                Optional.ofNullable(head.metadata().get(SHA256_METADATA)).map(Sha256::new)));
    }

    private Optional<HeadObjectResponse> head(ObjectName name) throws IOException {
        try {
            return Optional.of(
                    S3Calls.await(s3.headObject(r -> r.bucket(settings.bucket()).key(key(name)))));
        } catch (IOException e) {
            if (S3Calls.isNotFound(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void list(String prefix, String after, Consumer<StoredObject> consumer) throws IOException {
        String root = root();
        String from = after.isEmpty() ? "" : root + after;
        ListObjectsV2Response page;
        do {
            ListObjectsV2Request.Builder request =
                    ListObjectsV2Request.builder().bucket(settings.bucket()).prefix(root + prefix);
            if (!from.isEmpty()) {
                request.startAfter(from);
            }
            page = S3Calls.await(s3.listObjectsV2(request.build()));
            for (S3Object object : page.contents()) {
                from = object.key();
                String name = from.substring(root.length());
                if (ObjectName.isValid(name)) {
                    consumer.accept(new StoredObject(
                            new ObjectName(name), object.size(), object.lastModified(), Optional.empty()));
                }
            }
        } while (Boolean.TRUE.equals(page.isTruncated()));
    }

    /** In a bucket with versions a plain delete would only hide the object: the version itself is deleted. */
    @Override
    public Deletion delete(ObjectName name) throws IOException {
        Optional<HeadObjectResponse> head = head(name);
        if (head.isEmpty()) {
            return Deletion.ABSENT;
        }
        Instant lockedUntil = head.get().objectLockRetainUntilDate();
        if (lockedUntil != null && lockedUntil.isAfter(clock.instant())) {
            return Deletion.LOCKED;
        }
        String version = head.get().versionId();
        try {
            S3Calls.await(s3.deleteObject(r -> {
                r.bucket(settings.bucket()).key(key(name));
                if (version != null && !version.equals("null")) {
                    r.versionId(version);
                }
            }));
        } catch (IOException e) {
            // Our clock may be ahead of the server's, whose counts.
            if (lockedUntil != null && S3Calls.hasStatus(e, FORBIDDEN)) {
                return Deletion.LOCKED;
            }
            throw e;
        }
        return Deletion.DELETED;
    }

    @Override
    public int abandonUnfinished(Instant olderThan) throws IOException {
        int count = 0;
        for (MultipartUpload unfinished : S3Calls.await(
                        s3.listMultipartUploads(r -> r.bucket(settings.bucket()).prefix(root())))
                .uploads()) {
            if (unfinished.initiated() != null && unfinished.initiated().isBefore(olderThan)) {
                S3Calls.await(s3.abortMultipartUpload(
                        r -> r.bucket(settings.bucket()).key(unfinished.key()).uploadId(unfinished.uploadId())));
                count++;
            }
        }
        return count;
    }

    @Override
    public String location() {
        return "s3://" + settings.bucket() + (settings.prefix().isEmpty() ? "" : "/" + settings.prefix());
    }

    @Override
    public void close() {
        s3.close();
        // The SDK would wait two seconds for stragglers; nobody uses the store any more.
        threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}

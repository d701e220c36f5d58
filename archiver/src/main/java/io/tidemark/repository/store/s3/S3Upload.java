package io.tidemark.repository.store.s3;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** Puts large objects in parts, several at once, each with its SHA-256. Holds {@value #PARTS_AT_ONCE} parts in memory. */
final class S3Upload {
    static final int PART_BYTES = 8 << 20;
    private static final int PARTS_AT_ONCE = 3;
    private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);

    private final S3AsyncClient s3;
    private final String bucket;
    private final BiFunction<ObjectName, Sha256, PutObjectRequest.Builder> requests;

    /**
     * @param requests the properties of an object that is put
     */
    S3Upload(S3AsyncClient s3, String bucket, BiFunction<ObjectName, Sha256, PutObjectRequest.Builder> requests) {
        this.s3 = s3;
        this.bucket = bucket;
        this.requests = requests;
    }

    /** Puts an object; what was sent of it is withdrawn if that fails. */
    void inParts(ObjectName name, ObjectContent content, Sha256 sha256) throws IOException {
        PutObjectRequest whole = requests.apply(name, sha256).build();
        String key = whole.key();
        String id = S3Calls.await(s3.createMultipartUpload(begin(whole))).uploadId();
        try {
            List<CompletedPart> parts = send(key, id, content);
            S3Calls.await(s3.completeMultipartUpload(
                    r -> r.bucket(bucket).key(key).uploadId(id).ifNoneMatch("*").multipartUpload(m -> m.parts(parts))));
        } catch (IOException | RuntimeException e) {
            withdraw(key, id, e);
            throw e;
        }
    }

    private static CreateMultipartUploadRequest begin(PutObjectRequest whole) {
        return CreateMultipartUploadRequest.builder()
                .bucket(whole.bucket())
                .key(whole.key())
                .metadata(whole.metadata())
                .storageClass(whole.storageClassAsString())
                .serverSideEncryption(whole.serverSideEncryptionAsString())
                .ssekmsKeyId(whole.ssekmsKeyId())
                .objectLockMode(whole.objectLockModeAsString())
                .objectLockRetainUntilDate(whole.objectLockRetainUntilDate())
                .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                .build();
    }

    private List<CompletedPart> send(String key, String id, ObjectContent content) throws IOException {
        List<CompletedPart> parts = new ArrayList<>();
        Deque<CompletableFuture<CompletedPart>> underWay = new ArrayDeque<>();
        try (InputStream in = content.open()) {
            long left = content.lengthBytes();
            for (int number = 1; left > 0; number++) {
                byte[] bytes = in.readNBytes((int) Math.min(PART_BYTES, left));
                left -= bytes.length;
                if (underWay.size() == PARTS_AT_ONCE) {
                    parts.add(S3Calls.await(underWay.remove()));
                }
                underWay.add(send(key, id, number, bytes));
            }
            while (!underWay.isEmpty()) {
                parts.add(S3Calls.await(underWay.remove()));
            }
            return parts;
        } finally {
            underWay.forEach(part -> part.cancel(true));
        }
    }

    private CompletableFuture<CompletedPart> send(String key, String id, int number, byte[] bytes) {
        MessageDigest digest = Sha256.digest();
        String checksum = Base64.getEncoder().encodeToString(digest.digest(bytes));
        return s3.uploadPart(
                        r -> r.bucket(bucket)
                                .key(key)
                                .uploadId(id)
                                .partNumber(number)
                                .checksumSHA256(checksum),
                        AsyncRequestBody.fromBytesUnsafe(bytes))
                .thenApply(done -> CompletedPart.builder()
                        .partNumber(number)
                        .eTag(done.eTag())
                        .checksumSHA256(checksum)
                        .build());
    }

    private void withdraw(String key, String id, Exception reason) {
        try {
            S3Calls.await(s3.abortMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(id)));
        } catch (IOException e) {
            LOG.debug("an upload of {} was not withdrawn; 'prune' does that later", key, e);
            reason.addSuppressed(e);
        }
    }
}

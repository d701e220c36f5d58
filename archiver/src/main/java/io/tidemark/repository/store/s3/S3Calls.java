package io.tidemark.repository.store.s3;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Waits for calls of the SDK and says their failures in words. */
final class S3Calls {
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;

    private S3Calls() {}

    /** The result of a call; an interruption cancels it. */
    static <T> T await(CompletableFuture<T> call) throws IOException {
        try {
            return call.get();
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while waiting for the store");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    private static IOException failure(Throwable error) {
        if (error instanceof S3Exception s3 && s3.awsErrorDetails() != null) {
            return new IOException(words(s3), s3);
        }
        if (error instanceof SdkException sdk) {
            Throwable root = sdk;
            while (root.getCause() != null && root.getCause() != root) {
                root = root.getCause();
            }
            return new IOException("no answer from the store (" + root.getMessage() + ")", sdk);
        }
        return new IOException(error.getMessage(), error);
    }

    private static String words(S3Exception error) {
        String told = error.awsErrorDetails().errorCode();
        // Answers without a body, as those to HEAD, have a status only.
        String code = told != null ? told : error.statusCode() == FORBIDDEN ? "Forbidden" : "";
        String remedy = switch (code) {
            case "NoSuchBucket" -> "; the bucket does not exist";
            case "Forbidden" -> "; check the credentials and their permissions";
            case "AccessDenied" -> "; the credentials lack a permission for this";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken" -> "; check the credentials";
            case "PermanentRedirect", "AuthorizationHeaderMalformed" -> "; check s3.region and s3.endpoint";
            case "QuotaExceeded", "EntityTooLarge" -> "; the store's limit is reached";
            default -> "";
        };
        return ("the store answers " + error.statusCode() + " " + code).strip() + remedy;
    }

    /** Whether the failure says that there is no such object. */
    static boolean isNotFound(IOException failure) {
        return hasStatus(failure, NOT_FOUND)
                && !String.valueOf(failure.getMessage()).contains("NoSuchBucket");
    }

    /** Whether the failure says that an object of the name is there already, or is being put by somebody else. */
    static boolean isTaken(IOException failure) {
        return hasStatus(failure, PRECONDITION_FAILED) || hasStatus(failure, CONFLICT);
    }

    static boolean hasStatus(IOException failure, int status) {
        return failure.getCause() instanceof S3Exception s3 && s3.statusCode() == status;
    }
}

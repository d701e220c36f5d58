package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsAsyncClient;
import software.amazon.awssdk.services.kms.KmsAsyncClientBuilder;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;

/** Wraps and unwraps data keys in AWS KMS. The data key's id is bound to the result as encryption context. */
final class KmsKey implements AutoCloseable {
    private static final String CONTEXT = "tidemark-data-key";

    private final KmsSettings settings;
    private final KmsAsyncClient kms;

    KmsKey(KmsSettings settings) {
        this.settings = settings;
        KmsAsyncClientBuilder builder = KmsAsyncClient.builder();
        settings.region().ifPresent(region -> builder.region(Region.of(region)));
        settings.endpoint().ifPresent(builder::endpointOverride);
        kms = builder.build();
    }

    byte[] wrap(byte[] dataKey, UUID keyId) {
        try {
            return kms.encrypt(r -> r.keyId(settings.keyId())
                            .plaintext(SdkBytes.fromByteArray(dataKey))
                            .encryptionContext(Map.of(CONTEXT, keyId.toString())))
                    .join()
                    .ciphertextBlob()
                    .asByteArray();
        } catch (CompletionException | SdkException e) {
            throw failure(e);
        }
    }

    byte[] unwrap(byte[] wrapped, UUID keyId) {
        try {
            return kms.decrypt(r -> r.keyId(settings.keyId())
                            .ciphertextBlob(SdkBytes.fromByteArray(wrapped))
                            .encryptionContext(Map.of(CONTEXT, keyId.toString())))
                    .join()
                    .plaintext()
                    .asByteArray();
        } catch (CompletionException | SdkException e) {
            throw failure(e);
        }
    }

    private TidemarkException failure(Exception error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        if (cause instanceof InvalidCiphertextException || cause instanceof IncorrectKeyException) {
            return TidemarkException.corrupt(
                    "wrong key: the KMS key " + settings.keyId() + " does not open the repository's key", cause);
        }
        return TidemarkException.permanent(
                "KMS does not use the key " + settings.keyId() + ": " + cause.getMessage()
                        + "; check its policy, the region and the credentials",
                cause);
    }

    @Override
    public void close() {
        kms.close();
    }
}

package io.tidemark.repository.crypto;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.http.WholeAnswers;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsAsyncClient;
import software.amazon.awssdk.services.kms.KmsAsyncClientBuilder;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;

/** A key in AWS KMS, which wraps and unwraps there. What the data key is, is bound to the result as encryption context. */
final class KmsKey implements KeyEncryptionKey {
    private static final String CONTEXT = "tidemark-data-key";

    private final KmsSettings settings;

    KmsKey(KmsSettings settings) {
        this.settings = settings;
    }

    @Override
    public String describe() {
        return "the KMS key " + settings.keyId();
    }

    @Override
    public WrappedKey wrap(DataKey dataKey, UUID slot, long nowMicros) {
        byte[] blob = ask(kms -> kms.encrypt(r -> r.keyId(settings.keyId())
                        .plaintext(SdkBytes.fromByteArray(dataKey.secret()))
                        .encryptionContext(Map.of(CONTEXT, dataKey.name().text())))
                .join()
                .ciphertextBlob()
                .asByteArray());
        return new WrappedKey(
                WrappedKey.VERSION,
                dataKey.name(),
                slot,
                WrappedKey.Kind.KMS,
                settings.keyId(),
                nowMicros,
                Optional.empty(),
                Optional.empty(),
                "",
                KeyWrap.base64(blob));
    }

    @Override
    public boolean mayOpen(WrappedKey wrap) {
        return wrap.kind() == WrappedKey.Kind.KMS;
    }

    @Override
    public DataKey unwrap(WrappedKey wrap) {
        byte[] secret = ask(kms -> kms.decrypt(r -> r.keyId(settings.keyId())
                        .ciphertextBlob(SdkBytes.fromByteArray(KeyWrap.bytes(wrap.wrapped())))
                        .encryptionContext(Map.of(CONTEXT, wrap.key().text())))
                .join()
                .plaintext()
                .asByteArray());
        return new DataKey(wrap.key(), secret);
    }

    private byte[] ask(Function<KmsAsyncClient, byte[]> question) {
        KmsAsyncClientBuilder builder = KmsAsyncClient.builder()
                .httpClientBuilder(NettyNioAsyncHttpClient.builder()
                        .eventLoopGroupBuilder(
                                SdkEventLoopGroup.builder().numberOfThreads(1).channelFactory(WholeAnswers::channel)));
        settings.region().ifPresent(region -> builder.region(Region.of(region)));
        settings.endpoint().ifPresent(builder::endpointOverride);
        try (KmsAsyncClient kms = builder.build()) {
            return question.apply(kms);
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
}

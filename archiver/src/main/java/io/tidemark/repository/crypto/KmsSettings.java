package io.tidemark.repository.crypto;

import java.net.URI;
import java.util.Optional;

/**
 * A key in AWS KMS. Credentials come from the SDK's own chain.
 *
 * @param keyId id, ARN or alias
 * @param region empty for what the environment says
 * @param endpoint of a server that is not AWS
 */
public record KmsSettings(String keyId, Optional<String> region, Optional<URI> endpoint) {}

package io.tidemark.repository.store;

import io.tidemark.model.Sha256;
import java.time.Instant;
import java.util.Optional;

/**
 * What a store says of an object without reading it.
 *
 * @param bytes its length
 * @param modifiedAt when it was stored, by the store's clock
 * @param sha256 of its bytes, where the store keeps that; listings do not tell it
 */
public record StoredObject(ObjectName name, long bytes, Instant modifiedAt, Optional<Sha256> sha256) {}

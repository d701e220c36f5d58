package io.tidemark.repository;

import io.tidemark.model.Sha256;
import io.tidemark.repository.store.ObjectName;

/**
 * What the catalog knows of an object.
 *
 * @param name where it is
 * @param bytes its length as stored
 * @param sha256 of its bytes as stored
 */
public record ObjectRef(ObjectName name, long bytes, Sha256 sha256) {}

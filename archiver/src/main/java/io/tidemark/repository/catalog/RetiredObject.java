package io.tidemark.repository.catalog;

import io.tidemark.repository.ObjectRef;

/**
 * An object that nothing needs any more and that is deleted when its grace is over.
 *
 * @param isManifest whether it names parts, which go with it unless another snapshot shares them
 * @param inArchive whether it has to be deleted from the archive too
 * @param retiredAtMicros when it was marked, by the writer's clock
 */
public record RetiredObject(ObjectRef object, boolean isManifest, boolean inArchive, long retiredAtMicros) {}

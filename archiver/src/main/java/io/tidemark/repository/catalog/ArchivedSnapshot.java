package io.tidemark.repository.catalog;

import io.tidemark.model.Position;

/**
 * A snapshot whose objects are in the archive.
 *
 * @param at which snapshot
 * @param place of the archive, for people
 * @param archivedAtMicros when that was committed, by the writer's clock
 */
public record ArchivedSnapshot(Position at, String place, long archivedAtMicros) {}

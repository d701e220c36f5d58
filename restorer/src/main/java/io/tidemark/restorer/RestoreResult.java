package io.tidemark.restorer;

/**
 * What a restore did.
 *
 * @param rows loaded
 * @param bytes sent to the target
 * @param collections loaded
 */
public record RestoreResult(long rows, long bytes, int collections) {}

package io.tidemark.plan;

/**
 * An order to the archiver to merge a full snapshot at the newest transaction boundary of the repository.
 *
 * @param source whose snapshot
 * @param reason why, for the log: {@code first}, {@code interval}, {@code volume}
 * @param requestedAtMicros µs since 1970 UTC
 */
public record SnapshotRequest(String source, String reason, long requestedAtMicros) {}

package io.tidemark.ingest;

/**
 * A capture as the source sees it.
 *
 * @param state one word: {@code streaming}, {@code waiting}, {@code missing}
 * @param retainedBytes how many bytes of log the source keeps for the capture
 */
public record SourceStatus(String state, long retainedBytes) {}

package io.tidemark.ingest;

import java.util.List;

/**
 * A capture as the source sees it.
 *
 * @param state one word: {@code streaming}, {@code waiting}, {@code missing}
 * @param retainedBytes how many bytes of log the source keeps for the capture
 * @param warnings what the source holds that is not captured, and what else a person should know; one sentence each
 */
public record SourceStatus(String state, long retainedBytes, List<String> warnings) {
    public SourceStatus {
        warnings = List.copyOf(warnings);
    }

    /** A status without warnings. */
    public SourceStatus(String state, long retainedBytes) {
        this(state, retainedBytes, List.of());
    }
}

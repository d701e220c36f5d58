package io.tidemark.ingest;

import java.util.List;

/**
 * A capture as the source sees it.
 *
 * @param state one word: {@code streaming}, {@code waiting}, {@link #MISSING}
 * @param retainedBytes how many bytes of log the source keeps for the capture
 * @param warnings what the source holds that is not captured, and what else a person should know; one sentence each
 */
public record SourceStatus(String state, long retainedBytes, List<String> warnings) {
    /** The state of a source in which nothing is found that a capture made. */
    public static final String MISSING = "missing";

    public SourceStatus {
        warnings = List.copyOf(warnings);
    }

    /** A status without warnings. */
    public SourceStatus(String state, long retainedBytes) {
        this(state, retainedBytes, List.of());
    }
}

package io.tidemark.app.runtime;

import java.util.List;

/**
 * What a process does for one source. Immutable.
 *
 * @param source the source's name
 * @param parts what each part of the work does
 */
public record SourceState(String source, List<PartState> parts) {
    public SourceState {
        parts = List.copyOf(parts);
    }
}

package io.tidemark.app.runtime;

import java.util.List;

/**
 * What a process that runs says of itself. Immutable.
 *
 * @param pid its process id
 * @param roles what it does, separated by commas
 * @param writtenMicros when it said so; µs since 1970 UTC
 * @param sources what it does for each source
 */
public record ServiceState(long pid, String roles, long writtenMicros, List<SourceState> sources) {
    public ServiceState {
        sources = List.copyOf(sources);
    }
}

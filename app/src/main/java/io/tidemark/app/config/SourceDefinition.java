package io.tidemark.app.config;

import io.tidemark.ingest.SourceSettings;
import java.util.List;
import java.util.Optional;

/**
 * A source as {@code source add} keeps it in the data directory.
 *
 * @param url without a password
 */
public record SourceDefinition(
        String name, String engine, String url, Optional<String> password, List<String> exclude) {
    public SourceDefinition {
        exclude = List.copyOf(exclude);
    }

    /**
     * The same for an engine.
     *
     * @param repository for which the source is captured; empty for who only looks
     */
    public SourceSettings settings(int copyReaders, Optional<String> repository) {
        return new SourceSettings(name, url, password, exclude, copyReaders, repository);
    }

    @Override
    public String toString() {
        return "SourceDefinition[" + name + ", " + url + "]";
    }
}

package io.tidemark.ingest;

import java.util.List;
import java.util.Optional;

/**
 * How to reach a source and what to take of it.
 *
 * @param name the source's name in Tidemark
 * @param url the engine's own form of an address, without a password
 * @param password if one is needed
 * @param exclude collections that are left out, as {@code name} or {@code namespace.name}
 * @param copyReaders how many connections read in parallel during the initial copy
 * @param repository for which it is captured: the id it was given when it was made; empty for who only looks
 */
public record SourceSettings(
        String name,
        String url,
        Optional<String> password,
        List<String> exclude,
        int copyReaders,
        Optional<String> repository) {
    public SourceSettings {
        exclude = List.copyOf(exclude);
    }

    @Override
    public String toString() {
        return "SourceSettings[" + name + ", " + url + "]";
    }
}

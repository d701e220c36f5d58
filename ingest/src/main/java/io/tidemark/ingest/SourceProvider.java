package io.tidemark.ingest;

/** Makes sources of one engine; found by {@link java.util.ServiceLoader}. */
public interface SourceProvider {
    /** The engine's name, as in {@code postgresql://…}. */
    String engine();

    /**
     * A source that is not connected yet.
     *
     * @throws io.tidemark.model.TidemarkException of kind USAGE if the settings are wrong
     */
    Source open(SourceSettings settings);
}

package io.tidemark.restorer;

/** Makes targets of one engine; found by {@link java.util.ServiceLoader}. */
public interface TargetProvider {
    /** The engine's name. */
    String engine();

    /**
     * A target that is not connected yet.
     *
     * @throws io.tidemark.model.TidemarkException of kind USAGE if the settings are wrong
     */
    Target open(TargetSettings settings);
}

package io.tidemark.testbed;

/**
 * How much random and repeated tests do: {@code -Dtidemark.effort=10} makes them do ten times as much as a build's own run,
 * and a fraction makes them do less.
 */
public final class Effort {
    private static final double FACTOR = Double.parseDouble(System.getProperty("tidemark.effort", "1"));

    private Effort() {}

    /** How often something is done that a build's own run does so often; at least once. */
    public static int times(int usual) {
        return (int) Math.max(1, Math.round(usual * FACTOR));
    }
}

package io.tidemark.testbed;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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

    /**
     * Those of several cases that are tried, if they go the same way through the code that matters: one in a build's own run,
     * drawn by the seed, and more with more effort.
     */
    public static <T> List<T> someOf(List<T> cases) {
        List<T> drawn = new ArrayList<>(cases);
        Collections.shuffle(drawn, Seed.random());
        return List.copyOf(drawn.subList(0, Math.min(drawn.size(), times(1))));
    }
}

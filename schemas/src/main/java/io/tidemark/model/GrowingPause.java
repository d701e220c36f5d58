package io.tidemark.model;

import java.time.Duration;

/** The pauses between attempts: each is twice as long as the one before, up to a limit. Not thread-safe. */
public final class GrowingPause {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    public GrowingPause(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        next = first;
    }

    /** The pause before the next attempt. */
    public Duration next() {
        Duration pause = next;
        Duration doubled = pause.multipliedBy(2);
        next = doubled.compareTo(longest) < 0 ? doubled : longest;
        return pause;
    }

    /** Begins with the first pause again. */
    public void reset() {
        next = first;
    }

    /** No pause is longer. */
    public Duration longest() {
        return longest;
    }
}

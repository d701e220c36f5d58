package io.tidemark.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Converts between instants and the µs since 1970 UTC that Tidemark stores. */
public final class Micros {
    private Micros() {}

    /** The instant so many µs after 1970 UTC. */
    public static Instant toInstant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** The µs between 1970 UTC and the instant, rounded down. */
    public static long of(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000L);
    }
}

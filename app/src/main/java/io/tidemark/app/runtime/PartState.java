package io.tidemark.app.runtime;

import io.tidemark.ingest.IngestWorker;
import java.time.Duration;
import java.util.Optional;

/**
 * What one part of the work for a source does. Immutable.
 *
 * @param part {@code ingest}, {@code planner}, {@code archiver-0}, ...
 * @param doing in a word: {@code starting}, {@code copying}, {@code capturing}, {@code running}, {@code waiting} between
 *     attempts, {@code ended}
 * @param sinceMicros since when it does that; µs since 1970 UTC
 * @param failure of the last attempt, if the part has not been well again since
 * @param attempts how often in a row it failed
 */
public record PartState(String part, String doing, long sinceMicros, Optional<String> failure, int attempts) {
    private static final String STARTING = "starting";
    private static final String WAITING = "waiting";
    private static final String ENDED = "ended";

    static PartState starting(String part, long nowMicros) {
        return new PartState(part, STARTING, nowMicros, Optional.empty(), 0);
    }

    PartState doing(String now, long nowMicros) {
        return now.equals(doing) ? this : new PartState(part, now, nowMicros, failure, attempts);
    }

    PartState failed(String message, long nowMicros) {
        return new PartState(part, WAITING, nowMicros, Optional.of(message), attempts + 1);
    }

    PartState ended(String reason, long nowMicros) {
        return new PartState(part, ENDED, nowMicros, Optional.of(reason), attempts);
    }

    PartState well() {
        return failure.isEmpty() ? this : new PartState(part, doing, sinceMicros, Optional.empty(), 0);
    }

    /** Whether it worked for so long without a break. */
    boolean hasWorkedFor(Duration time, long nowMicros) {
        return isWorking() && nowMicros - sinceMicros >= time.toNanos() / 1000;
    }

    /** Whether it reads everything that the source holds. */
    boolean isCopying() {
        return doing.equals(IngestWorker.COPYING);
    }

    private boolean isWorking() {
        return !doing.equals(STARTING) && !doing.equals(WAITING) && !doing.equals(ENDED);
    }

    /** Whether it ended by itself, and will not begin again. */
    public boolean hasEnded() {
        return doing.equals(ENDED);
    }
}

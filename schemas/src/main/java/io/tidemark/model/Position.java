package io.tidemark.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A place in a change log: the Kafka offset of a record within an epoch. Positions of one source are totally ordered;
 * they have holes, because Kafka keeps transaction markers in the log, so distances between them mean nothing.
 *
 * @param epoch counts how often the log was begun anew, from 0
 * @param offset the Kafka offset; -1 is the place before the first record
 */
public record Position(int epoch, long offset) implements Comparable<Position> {
    public Position {
        if (epoch < 0 || offset < -1) {
            throw new IllegalArgumentException("not a position: " + epoch + ":" + offset);
        }
    }

    /**
     * Reads what {@link #toString()} prints.
     *
     * @throws TidemarkException of kind USAGE if the text is not a position
     */
    @JsonCreator
    public static Position parse(String text) {
        int colon = text.indexOf(':');
        try {
            return new Position(
                    Integer.parseInt(text.substring(0, Math.max(colon, 0))), Long.parseLong(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + text + "' is not a position; write EPOCH:OFFSET, for example 0:1234",
                    e);
        }
    }

    @Override
    public int compareTo(Position other) {
        return epoch != other.epoch ? Integer.compare(epoch, other.epoch) : Long.compare(offset, other.offset);
    }

    /** Whether this place comes after {@code other}. */
    public boolean isAfter(Position other) {
        return compareTo(other) > 0;
    }

    @JsonValue
    @Override
    public String toString() {
        return epoch + ":" + offset;
    }
}

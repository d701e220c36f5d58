package io.tidemark.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of one stretch of a change log, the range {@code (after, through]}.
 *
 * @param epoch the epoch it belongs to
 * @param after the offset before its first record; -1 at the start of a log
 * @param through the offset of its last record
 * @param bytes size of its records as they stand in the log
 * @param changes how many changes it holds
 * @param transactions how many transactions end in it
 * @param firstCommitMicros the smallest commit time of a transaction that ends in it, µs since 1970 UTC
 * @param lastCommitMicros the largest one; not always that of the last transaction
 * @param lastEnd the last transaction that ends in it
 * @param copyEnd the end of the epoch's initial copy, if it is in here; restores are possible from there on
 */
public record Stretch(
        int epoch,
        long after,
        long through,
        long bytes,
        long changes,
        long transactions,
        OptionalLong firstCommitMicros,
        OptionalLong lastCommitMicros,
        Optional<TransactionEnd> lastEnd,
        Optional<TransactionEnd> copyEnd) {

    public Stretch {
        if (through <= after) {
            throw new IllegalArgumentException("an empty stretch: (" + after + ", " + through + "]");
        }
    }

    /** The position of its last record. */
    @JsonIgnore
    public Position end() {
        return new Position(epoch, through);
    }

    /** Whether the position lies in the stretch. */
    public boolean contains(Position position) {
        return position.epoch() == epoch && position.offset() > after && position.offset() <= through;
    }
}

package io.tidemark.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tidemark.model.Position;
import io.tidemark.model.TransactionEnd;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongBinaryOperator;

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

    /**
     * Several stretches that follow each other without a hole, as one.
     *
     * @throws IllegalArgumentException if they do not
     */
    public static Stretch join(List<Stretch> stretches) {
        Stretch first = stretches.get(0);
        Stretch joined = first;
        for (Stretch next : stretches.subList(1, stretches.size())) {
            if (next.epoch() != first.epoch() || next.after() != joined.through()) {
                throw new IllegalArgumentException("stretches do not follow each other: " + stretches);
            }
            joined = joined.with(next);
        }
        return joined;
    }

    private Stretch with(Stretch next) {
        return new Stretch(
                epoch,
                after,
                next.through,
                bytes + next.bytes,
                changes + next.changes,
                transactions + next.transactions,
                either(firstCommitMicros, next.firstCommitMicros, Math::min),
                either(lastCommitMicros, next.lastCommitMicros, Math::max),
                next.lastEnd.or(() -> lastEnd),
                copyEnd.or(() -> next.copyEnd));
    }

    private static OptionalLong either(OptionalLong one, OptionalLong other, LongBinaryOperator choice) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isPresent() ? one : other;
        }
        return OptionalLong.of(choice.applyAsLong(one.getAsLong(), other.getAsLong()));
    }
}

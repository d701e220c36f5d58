package io.tidemark.postgres;

import io.tidemark.model.TidemarkException;
import java.util.Locale;
import org.postgresql.replication.LogSequenceNumber;

/** A place in PostgreSQL's write-ahead log, as text {@code 16/B374D848}. Compares as unsigned. */
public record Lsn(long value) implements Comparable<Lsn> {
    /**
     * Reads an LSN.
     *
     * @throws TidemarkException of kind USAGE if the text is none
     */
    public static Lsn parse(String text) {
        LogSequenceNumber parsed = LogSequenceNumber.valueOf(text);
        if (parsed.equals(LogSequenceNumber.INVALID_LSN)) {
            throw TidemarkException.usage("'" + text + "' is not an LSN; write it like 16/B374D848");
        }
        return new Lsn(parsed.asLong());
    }

    /** The same for the driver. */
    public LogSequenceNumber toDriver() {
        return LogSequenceNumber.valueOf(value);
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFFFFFFL);
    }
}

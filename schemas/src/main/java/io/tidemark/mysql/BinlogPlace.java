package io.tidemark.mysql;

import io.tidemark.model.TidemarkException;
import java.util.Comparator;

/**
 * A place in a server's binary log. Files are numbered, and the number grows without end; so places are ordered by number
 * and position, whatever the files are called.
 *
 * @param file like {@code mariadb-bin.000042}
 * @param position in bytes
 */
public record BinlogPlace(String file, long position) implements Comparable<BinlogPlace> {
    /** Before every place, in no log. */
    public static final BinlogPlace NOWHERE = new BinlogPlace("none.0", 0);

    private static final Comparator<BinlogPlace> ORDER =
            Comparator.comparingLong(BinlogPlace::number).thenComparingLong(BinlogPlace::position);

    /**
     * Reads {@code file:position}.
     *
     * @throws TidemarkException of kind USAGE if the text is none
     */
    public static BinlogPlace parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            BinlogPlace place =
                    new BinlogPlace(text.substring(0, Math.max(colon, 0)), Long.parseLong(text.substring(colon + 1)));
            place.number();
            return place;
        } catch (NumberFormatException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + text + "' is no place in a binary log; write it like mariadb-bin.000042:1234",
                    e);
        }
    }

    private long number() {
        return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
    }

    @Override
    public int compareTo(BinlogPlace other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + ":" + position;
    }
}

package io.tidemark.repository.section;

/**
 * The place of one change within an epoch.
 *
 * @param offset of the batch it came in
 * @param index within the batch
 */
public record Place(long offset, int index) implements Comparable<Place> {
    /** Before every change. */
    public static final Place START = new Place(-1, -1);

    @Override
    public int compareTo(Place other) {
        return compare(offset, index, other.offset, other.index);
    }

    /** Compares two places given by their parts. */
    public static int compare(long offset, int index, long otherOffset, int otherIndex) {
        return offset != otherOffset ? Long.compare(offset, otherOffset) : Integer.compare(index, otherIndex);
    }
}

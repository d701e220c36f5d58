package io.tidemark.model;

/**
 * What a collection holds, told by a number and a digest, so that two places can be compared without moving rows.
 *
 * @param rows the shape the digest was taken in
 * @param count how many rows there are
 */
public record CollectionContent(RowSchema rows, long count, ContentDigest digest) {
    /** Whether the rows are equal, given columns of the same names and types. */
    public boolean equalsRowsOf(CollectionContent other) {
        return count == other.count && digest.equals(other.digest);
    }

    /** Whether both digests are about the same columns in the same order. */
    public boolean hasColumnsOf(CollectionContent other) {
        return rows.columns().size() == other.rows.columns().size()
                && java.util.stream.IntStream.range(0, rows.columns().size()).allMatch(i -> {
                    Column one = rows.columns().get(i);
                    Column two = other.rows.columns().get(i);
                    return one.name().equals(two.name()) && one.encoding() == two.encoding();
                });
    }
}

package io.tidemark.merge;

import java.io.IOException;
import java.util.Optional;

/** Takes what a merge over ranges of a base gives: ranges in which nothing changed, and the rows of the others. */
public interface MergedRanges extends MergedRows {
    /**
     * Nothing changed in a range of the base.
     *
     * @param end the first key behind it; empty for the last range
     * @return whether it is taken as it is; else its rows follow
     */
    boolean unchanged(int range, Optional<byte[]> end) throws IOException;

    /** All rows of a range were handed over. */
    void endOfRange() throws IOException;
}

package io.tidemark.ingest.mysql;

import java.util.Optional;

/** What rows from before hold in a column that came. */
sealed interface MissingValue {
    /**
     * The same in all of them.
     *
     * @param text the value as it is kept; empty for NULL
     */
    record Known(Optional<String> text) implements MissingValue {}

    /** It differs, or nobody knows any more. */
    record Untold(String reason) implements MissingValue {}
}

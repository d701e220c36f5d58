package io.tidemark.restorer;

import java.util.List;

/**
 * What a restore did.
 *
 * @param rows loaded
 * @param bytes sent to the target
 * @param collections loaded
 * @param kept what the target had already and still has, where only some tables were restored
 * @param failures what could not be made, in the order of the schema
 */
public record RestoreResult(long rows, long bytes, int collections, List<String> kept, List<Failure> failures) {
    public RestoreResult {
        kept = List.copyOf(kept);
        failures = List.copyOf(failures);
    }

    /**
     * Something that could not be made; everything that does not need it is there.
     *
     * @param object what it is, like {@code index public.accounts_pkey} or {@code rows of public.accounts}
     * @param problem in the target's own words
     * @param statement that makes it, once what is in the way is gone; empty for rows
     */
    public record Failure(String object, String problem, String statement) {}
}

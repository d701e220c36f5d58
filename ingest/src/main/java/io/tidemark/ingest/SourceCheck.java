package io.tidemark.ingest;

import java.util.List;

/**
 * What was found out about a source before anything is changed in it.
 *
 * @param facts what a person may want to see: version, size, collections
 * @param findings what is wrong
 */
public record SourceCheck(List<String> facts, List<Finding> findings) {
    public SourceCheck {
        facts = List.copyOf(facts);
        findings = List.copyOf(findings);
    }

    /**
     * Something wrong.
     *
     * @param fatal whether capturing is impossible, or would harm the source, as it is
     * @param problem one sentence
     * @param remedy what to do, one sentence or statement
     */
    public record Finding(boolean fatal, String problem, String remedy) {}

    /** Whether nothing stands in the way. */
    public boolean passed() {
        return findings.stream().noneMatch(Finding::fatal);
    }
}

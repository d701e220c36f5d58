package io.tidemark.ingest;

import io.tidemark.model.CollectionName;
import io.tidemark.model.Nearest;
import java.util.ArrayList;
import java.util.List;

/** Finds exclusions that leave nothing out, as misspelt ones do: the table would be backed up without anybody's noticing. */
public final class Exclusions {
    private Exclusions() {}

    /**
     * The check with a finding for each exclusion that names no table.
     *
     * @param exclude as {@code name} or {@code namespace.name}
     * @param tables all that there are
     */
    public static SourceCheck check(SourceCheck check, List<String> exclude, List<CollectionName> tables) {
        List<SourceCheck.Finding> findings = new ArrayList<>(check.findings());
        for (String name : exclude) {
            if (tables.stream().noneMatch(table -> table.matches(name))) {
                List<String> known = tables.stream()
                        .map(table -> name.indexOf('.') < 0 ? table.name() : table.toString())
                        .toList();
                findings.add(new SourceCheck.Finding(
                        true,
                        "there is no table '" + name + "' to exclude",
                        Nearest.to(name, known)
                                .map(nearest -> "did you mean '" + nearest + "'?")
                                .orElse("leave the exclusion out")));
            }
        }
        return new SourceCheck(check.facts(), findings);
    }
}

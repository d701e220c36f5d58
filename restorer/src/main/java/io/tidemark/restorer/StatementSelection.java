package io.tidemark.restorer;

import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which of a schema's statements a restore runs. Of single tables, it is all that makes them and belongs to them; what they
 * need is made too, other tables among it, but empty. What belongs to them and needs a table that is not there, a foreign
 * key for example, is left out.
 */
final class StatementSelection {
    private final List<Statement> all;
    private final RestoreOptions options;

    StatementSelection(SourceSchema schema, RestoreOptions options) {
        all = schema.statements();
        this.options = options;
    }

    /** In the order to run them. */
    List<Statement> statements() {
        if (options.tables().isEmpty()) {
            return all.stream().filter(this::hasWantedAspect).toList();
        }
        Set<Integer> chosen = new TreeSet<>();
        for (int i = 0; i < all.size(); i++) {
            if (makesTable(i) && belongsToWanted(i)) {
                addWithNeeds(i, chosen);
            }
        }
        for (int i = 0; i < all.size(); i++) {
            if (belongsToWanted(i) && needsOnlyTablesOf(i, chosen)) {
                addWithNeeds(i, chosen);
            }
        }
        return chosen.stream().map(all::get).filter(this::hasWantedAspect).toList();
    }

    private boolean hasWantedAspect(Statement statement) {
        return (statement.aspect() != Aspect.OWNER || options.owners())
                && (statement.aspect() != Aspect.PRIVILEGES || options.privileges());
    }

    private boolean belongsToWanted(int index) {
        return all.get(index).collection().filter(options::wants).isPresent();
    }

    private boolean makesTable(int index) {
        Aspect aspect = all.get(index).aspect();
        return aspect == Aspect.TABLE || aspect == Aspect.EMPTY_TABLE;
    }

    private boolean needsOnlyTablesOf(int index, Set<Integer> chosen) {
        return closure(index).stream().allMatch(needed -> !makesTable(needed) || chosen.contains(needed));
    }

    private void addWithNeeds(int index, Set<Integer> chosen) {
        chosen.addAll(closure(index));
    }

    private Set<Integer> closure(int index) {
        Set<Integer> closure = new TreeSet<>();
        List<Integer> toVisit = new ArrayList<>(List.of(index));
        while (!toVisit.isEmpty()) {
            int next = toVisit.remove(toVisit.size() - 1);
            if (closure.add(next)) {
                toVisit.addAll(all.get(next).needs());
            }
        }
        return closure;
    }
}

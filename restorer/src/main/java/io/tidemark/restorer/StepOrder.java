package io.tidemark.restorer;

import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts what fills a database in its order: rows first, then the statements behind them. One that is about a collection, or
 * refers from it to another, waits for what was done to these, and no two about the same collection run at once. Everything
 * else (views, routines, what partitions share) may see any row: it waits for all steps before it, and all behind it wait
 * for it.
 */
final class StepOrder {
    private final SourceSchema schema;
    private final StepGraph steps;
    private final Set<CollectionName> collections;
    private final Map<CollectionName, Integer> last = new HashMap<>();
    /** The last step that all others wait for, and those since. */
    private Set<Integer> all = Set.of();

    private final Set<Integer> sinceAll = new HashSet<>();

    StepOrder(SourceSchema schema, StepGraph steps) {
        this.schema = schema;
        this.steps = steps;
        collections = schema.collections().stream().map(RowSchema::collection).collect(Collectors.toUnmodifiableSet());
    }

    /** A collection's rows are loaded. */
    void rows(CollectionName collection, StepGraph.Work work) {
        int step = steps.add(work, Set.of());
        last.put(collection, step);
        sinceAll.add(step);
    }

    /** A statement is carried out. */
    void statement(Statement statement, StepGraph.Work work) {
        Set<CollectionName> about = about(statement);
        if (about.isEmpty()) {
            int step = steps.add(work, sinceAll);
            last.clear();
            sinceAll.clear();
            sinceAll.add(step);
            all = Set.of(step);
            return;
        }
        Set<Integer> before = new HashSet<>();
        for (CollectionName name : about) {
            Optional.ofNullable(last.get(name)).ifPresentOrElse(before::add, () -> before.addAll(all));
        }
        int step = steps.add(work, before);
        about.forEach(name -> last.put(name, step));
        sinceAll.add(step);
    }

    /** The collections that a statement sees; empty if it may be any. */
    private Set<CollectionName> about(Statement statement) {
        Set<CollectionName> about = new HashSet<>();
        statement.collection().ifPresent(about::add);
        statement.refersTo().ifPresent(about::add);
        if (statement.collection().isEmpty() || !collections.containsAll(about)) {
            return Set.of();
        }
        for (int needed : statement.needs()) {
            schema.statements()
                    .get(needed)
                    .collection()
                    .filter(collections::contains)
                    .ifPresent(about::add);
        }
        return about;
    }
}

package io.tidemark.restorer;

import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.plan.RestoreTo;
import io.tidemark.restorer.plan.TargetResolver;
import io.tidemark.state.RepositoryState;
import java.util.List;

/**
 * What a restore will do, found out without touching the target.
 *
 * @param source whose backup
 * @param end the transaction the restored state ends at
 * @param state the objects that make it up
 * @param schema the source's schema there
 * @param objects everything that will be read
 */
public record RestorePlan(
        String source, TransactionEnd end, RepositoryState state, SourceSchema schema, List<ObjectRef> objects) {
    public RestorePlan {
        objects = List.copyOf(objects);
    }

    /**
     * Plans a restore.
     *
     * @throws TidemarkException of kind NOT_FOUND if the moment or a table does not exist
     */
    public static RestorePlan of(Repository repository, SourceHistory history, RestoreTo to, List<String> tables) {
        TransactionEnd end = new TargetResolver(repository, history).resolve(to);
        RepositoryState state = RepositoryState.at(repository, history, end);
        SourceSchema schema = state.schema();
        for (String table : tables) {
            if (schema.collections().stream().noneMatch(c -> c.collection().matches(table))) {
                throw TidemarkException.notFound("there is no table " + table + " in " + history.source() + " at "
                        + end.at() + "; there are " + names(schema));
            }
        }
        return new RestorePlan(history.source(), end, state, schema, state.objects());
    }

    private static String names(SourceSchema schema) {
        return String.join(
                ", ",
                schema.collections().stream()
                        .map(rows -> rows.collection().toString())
                        .limit(20)
                        .toList());
    }

    /** The tables that are restored without rows, because the source does not tell them or they are left out. */
    public List<CollectionName> tablesWithoutRows() {
        return schema.statements().stream()
                .filter(statement -> statement.aspect() == SourceSchema.Aspect.TABLE)
                .flatMap(statement -> statement.collection().stream())
                .filter(table -> !schema.holds(table))
                .toList();
    }

    /** How many bytes of objects will be read. */
    public long bytes() {
        return objects.stream().mapToLong(ObjectRef::bytes).sum();
    }
}

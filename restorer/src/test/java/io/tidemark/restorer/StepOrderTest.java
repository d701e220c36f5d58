package io.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.CollectionName;
import io.tidemark.model.RowSchema;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StepOrderTest {
    private static final CollectionName CHILD = new CollectionName("shop", "child");
    private static final CollectionName PARENT = new CollectionName("shop", "parent");
    private static final CollectionName OTHER = new CollectionName("shop", "other");
    private static final CollectionName VIEW = new CollectionName("shop", "sums");

    private final List<String> done = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch otherMayEnd = new CountDownLatch(1);

    private static Statement statement(String object, CollectionName collection, CollectionName refersTo) {
        return new Statement(
                Phase.AFTER_ROWS,
                Aspect.DEFINITION,
                object,
                Optional.ofNullable(collection),
                Optional.ofNullable(refersTo),
                List.of(),
                List.of(),
                "");
    }

    private static RowSchema rows(CollectionName name) {
        return new RowSchema(name.toString(), name, List.of(), List.of());
    }

    @Test
    void aTableIsFinishedWhileAnotherIsLoadedAndWhatSeesAllComesLast() throws InterruptedException {
        Statement index = statement("index of child", CHILD, null);
        Statement key = statement("key of child to parent", CHILD, PARENT);
        Statement sums = statement("materialized view", VIEW, null);
        Statement comment = statement("comment on child", CHILD, null);
        List<Statement> statements = List.of(index, key, sums, comment);
        SourceSchema schema = new SourceSchema(
                "postgresql", "15", statements, List.of(rows(CHILD), rows(PARENT), rows(OTHER)), Map.of());
        StepGraph steps = new StepGraph();
        StepOrder order = new StepOrder(schema, steps);
        order.rows(OTHER, () -> {
            boolean ended = otherMayEnd.await(30, TimeUnit.SECONDS);
            done.add(ended ? "rows of other" : "nothing was made while other was loaded");
        });
        order.rows(CHILD, () -> done.add("rows of child"));
        order.rows(PARENT, () -> done.add("rows of parent"));
        for (Statement statement : statements) {
            order.statement(statement, () -> {
                done.add(statement.object());
                if (statement.equals(key)) {
                    otherMayEnd.countDown();
                }
            });
        }
        steps.run(2, () -> {});
        assertThat(done)
                .containsExactly(
                        "rows of child",
                        "index of child",
                        "rows of parent",
                        "key of child to parent",
                        "rows of other",
                        "materialized view",
                        "comment on child");
    }
}

package io.tidemark.restorer;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.state.RepositoryState.CollectionState;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes a database from a plan: tables, then all rows and what comes behind them, several at once and each index as soon as
 * its table is loaded. The largest collections come first. What the log says is done is left out.
 */
final class Construction {
    private final RestorePlan plan;
    private final List<Statement> statements;
    private final RestoreOptions options;
    private final Target target;
    private final RestoreLog log;
    private final RestoreProgress progress;

    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger loaded = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();

    /** @param statements those of the plan's schema that are wanted */
    Construction(
            RestorePlan plan,
            List<Statement> statements,
            RestoreOptions options,
            Target target,
            RestoreLog log,
            RestoreProgress progress) {
        this.plan = plan;
        this.statements = statements;
        this.options = options;
        this.target = target;
        this.log = log;
        this.progress = progress;
    }

    /** Makes what must be there before the rows. */
    void tables() {
        for (int i = 0; i < statements.size(); i++) {
            if (statements.get(i).phase() == Phase.BEFORE_ROWS) {
                make(i, target);
            }
        }
    }

    /**
     * Loads the rows and makes what comes behind them.
     *
     * @param all the plan's collections
     */
    RestoreResult rowsAndIndexes(List<CollectionState> all) throws InterruptedException {
        List<CollectionState> collections = all.stream()
                .filter(collection -> !collection.name().isSystem() && options.wants(collection.name()))
                .filter(collection -> !log.isDone(step(collection), target))
                .sorted(Comparator.comparingLong(CollectionState::bytes).reversed())
                .toList();
        int objects = (int) statements.stream()
                .filter(statement -> statement.phase() == Phase.AFTER_ROWS)
                .count();
        StepGraph steps = new StepGraph();
        StepOrder order = new StepOrder(plan.schema(), steps);
        try (TargetSessions sessions = new TargetSessions(target)) {
            for (CollectionState collection : collections) {
                order.rows(collection.name(), () -> load(collection, collections.size()));
            }
            for (int i = 0; i < statements.size(); i++) {
                int number = i;
                Statement statement = statements.get(i);
                if (statement.phase() == Phase.AFTER_ROWS) {
                    order.statement(statement, () -> {
                        sessions.use(session -> make(number, session));
                        progress.made(statement.object(), made.incrementAndGet(), objects);
                    });
                }
            }
            steps.run(options.jobs(), sessions::cancel);
        } catch (TidemarkException e) {
            throw new TidemarkException(
                    e.kind(),
                    e.getMessage() + " (the restore stopped: " + loaded + " of " + collections.size()
                            + " tables are loaded, " + made + " of " + objects
                            + " indexes, constraints and other objects are made; go on with --resume)",
                    e);
        }
        return new RestoreResult(rows.get(), bytes.get(), collections.size());
    }

    private void make(int number, Target session) {
        String step = "statement " + number;
        if (!log.isDone(step, session)) {
            session.run(statements.get(number), transaction -> log.about(step, transaction));
        }
    }

    private static String step(CollectionState collection) {
        return "rows " + collection.rows().id();
    }

    private void load(CollectionState collection, int total) throws IOException {
        long loadedRows;
        long loadedBytes;
        try (FanIn fanIn = collection.inputs(options.spoolDirectory());
                RowLoader loader = target.loader(collection.rows())) {
            new ChangeMerger(collection.rows(), fanIn.inputs(), plan.end().at().offset()).merge(loader);
            loadedRows = loader.complete(transaction -> log.about(step(collection), transaction));
            loadedBytes = loader.bytes();
        }
        rows.addAndGet(loadedRows);
        bytes.addAndGet(loadedBytes);
        progress.loaded(collection.name(), loadedRows, loadedBytes, loaded.incrementAndGet(), total);
    }
}

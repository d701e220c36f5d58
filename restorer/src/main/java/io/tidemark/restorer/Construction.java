package io.tidemark.restorer;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.SourceSchema.Aspect;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.SourceSchema.Statement;
import io.tidemark.model.TidemarkException;
import io.tidemark.state.RepositoryState.CollectionState;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
    private final List<String> kept = Collections.synchronizedList(new ArrayList<>());
    private final Map<Statement, RestoreResult.Failure> failed = new ConcurrentHashMap<>();
    private final List<RestoreResult.Failure> failedRows = Collections.synchronizedList(new ArrayList<>());

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
                order.rows(collection.name(), () -> loadOrSay(collection, collections.size()));
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
        return new RestoreResult(rows.get(), bytes.get(), loaded.get(), kept, failures());
    }

    private List<RestoreResult.Failure> failures() {
        List<RestoreResult.Failure> failures = new ArrayList<>(failedRows);
        statements.forEach(
                statement -> Optional.ofNullable(failed.get(statement)).ifPresent(failures::add));
        return failures;
    }

    private void make(int number, Target session) {
        Statement statement = statements.get(number);
        Optional<Statement> lacking = statement.needs().stream()
                .map(plan.schema().statements()::get)
                .filter(failed::containsKey)
                .findFirst();
        if (lacking.isPresent()) {
            failed.put(statement, failure(statement, "it needs " + lacking.get().object() + ", which is not there"));
            return;
        }
        String step = "statement " + number;
        if (log.isDone(step, session)) {
            return;
        }
        try {
            session.run(statement, transaction -> log.about(step, transaction));
        } catch (TidemarkException e) {
            if (isOnlyNeeded(statement) && session.isThere(e)) {
                kept.add(statement.object());
            } else if (mayGoOn(e)) {
                failed.put(statement, failure(statement, String.valueOf(e.getMessage())));
            } else {
                throw e;
            }
        }
    }

    /** What the target refuses does not keep it from taking the rest; what may pass, or is damaged, ends the restore. */
    private boolean mayGoOn(TidemarkException e) {
        return !options.strict()
                && e.kind() == TidemarkException.Kind.PERMANENT
                && e.getCause() instanceof SQLException;
    }

    /** Whether it makes something that restored tables need, and that is not theirs. */
    private boolean isOnlyNeeded(Statement statement) {
        return !options.tables().isEmpty()
                && statement.collection().filter(options::wants).isEmpty();
    }

    private static RestoreResult.Failure failure(Statement statement, String problem) {
        return new RestoreResult.Failure(statement.object(), problem, statement.text());
    }

    private void loadOrSay(CollectionState collection, int total) throws IOException {
        String object = "rows of " + collection.name();
        boolean hasTable = failed.keySet().stream()
                .noneMatch(statement -> statement.aspect() == Aspect.TABLE
                        && statement.collection().equals(Optional.of(collection.name())));
        if (!hasTable) {
            failedRows.add(new RestoreResult.Failure(object, "their table is not there", ""));
            return;
        }
        try {
            load(collection, total);
        } catch (TidemarkException e) {
            if (!mayGoOn(e)) {
                throw e;
            }
            failedRows.add(new RestoreResult.Failure(object, String.valueOf(e.getMessage()), ""));
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

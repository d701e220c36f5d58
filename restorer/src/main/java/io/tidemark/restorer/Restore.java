package io.tidemark.restorer;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.ByteCursor;
import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.SourceSchema.Phase;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.state.RepositoryState.CollectionState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Carries out a restore plan: checks every object before anything is written, then schema, rows, indexes and
 * constraints. Each collection is loaded in one transaction; after a failure the target holds whole collections only,
 * and the error says how far it came. An interrupted restore goes on behind the last transaction that the target committed.
 */
public final class Restore {
    private final Repository repository;
    private final Target target;
    private final RestoreOptions options;
    private final RestoreProgress progress;

    public Restore(Repository repository, Target target, RestoreOptions options, RestoreProgress progress) {
        this.repository = repository;
        this.target = target;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Restores.
     *
     * @throws TidemarkException of kind VERIFICATION if an object is not what the catalog promises; the target is
     *     untouched then
     */
    public RestoreResult run(RestorePlan plan) throws InterruptedException {
        progress.step("verify");
        verify(plan.objects());
        List<SourceSchema.Statement> statements = new StatementSelection(plan.schema(), options).statements();
        requireRoles(statements);
        try (RestoreLog log = log(plan)) {
            progress.step("schema");
            run(statements, Phase.BEFORE_ROWS, log);
            progress.step("rows");
            RestoreResult result = load(plan, log);
            progress.step("indexes and constraints");
            run(statements, Phase.AFTER_ROWS, log);
            setSequences(plan);
            target.finish();
            log.done();
            return result;
        }
    }

    private RestoreLog log(RestorePlan plan) {
        RestoreLog.Plan logged = new RestoreLog.Plan(
                repository.identity().repositoryId(),
                plan.source(),
                plan.end().at(),
                target.identity(),
                options.tables(),
                options.owners(),
                options.privileges());
        if (options.resume()) {
            return RestoreLog.resume(options.spoolDirectory(), logged);
        }
        prepareTarget();
        return RestoreLog.begin(options.spoolDirectory(), logged);
    }

    private boolean isDone(String step, RestoreLog log) {
        return log.transaction(step).filter(target::isCommitted).isPresent();
    }

    private void verify(List<ObjectRef> objects) throws InterruptedException {
        inParallel(
                objects.stream()
                        .<Callable<Void>>map(object -> () -> {
                            repository.verify(object);
                            return null;
                        })
                        .toList(),
                options.jobs());
    }

    private void prepareTarget() {
        List<CollectionName> existing = target.existing();
        if (existing.isEmpty()) {
            return;
        }
        if (!options.allowClear()) {
            throw TidemarkException.permanent("the target is not empty, it holds " + existing.get(0)
                    + (existing.size() > 1 ? " and " + (existing.size() - 1) + " more" : "")
                    + "; restore into an empty database, or give --allow-clear to drop everything in it");
        }
        target.clear();
    }

    private void requireRoles(List<SourceSchema.Statement> statements) {
        Set<String> needed = new TreeSet<>();
        statements.forEach(statement -> needed.addAll(statement.roles()));
        List<String> missing = target.missingRoles(needed);
        if (!missing.isEmpty()) {
            throw TidemarkException.permanent("the target does not have the roles " + String.join(", ", missing)
                    + "; create them, or give --no-owner and --no-privileges");
        }
    }

    private void run(List<SourceSchema.Statement> statements, Phase phase, RestoreLog log) {
        for (int i = 0; i < statements.size(); i++) {
            SourceSchema.Statement statement = statements.get(i);
            String step = "statement " + i;
            if (statement.phase() == phase && !isDone(step, log)) {
                target.run(statement, transaction -> log.about(step, transaction));
            }
        }
    }

    private boolean wants(CollectionName collection) {
        return options.wants(collection);
    }

    private RestoreResult load(RestorePlan plan, RestoreLog log) throws InterruptedException {
        List<CollectionState> collections = new ArrayList<>();
        for (CollectionState collection : plan.state().collections()) {
            if (!collection.name().isSystem() && wants(collection.name()) && !isDone(step(collection), log)) {
                collections.add(collection);
            }
        }
        AtomicLong rows = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        AtomicInteger done = new AtomicInteger();
        List<Callable<Void>> loads = new ArrayList<>();
        for (CollectionState collection : collections) {
            loads.add(() -> {
                long collectionBytes;
                long collectionRows;
                try (FanIn fanIn = collection.inputs(options.spoolDirectory());
                        RowLoader loader = target.loader(collection.rows())) {
                    new ChangeMerger(
                                    collection.rows(),
                                    fanIn.inputs(),
                                    plan.end().at().offset())
                            .merge(loader);
                    collectionRows = loader.complete(transaction -> log.about(step(collection), transaction));
                    collectionBytes = loader.bytes();
                }
                rows.addAndGet(collectionRows);
                bytes.addAndGet(collectionBytes);
                progress.loaded(
                        collection.name(), collectionRows, collectionBytes, done.incrementAndGet(), collections.size());
                return null;
            });
        }
        try {
            inParallel(loads, options.jobs());
        } catch (TidemarkException e) {
            throw new TidemarkException(
                    e.kind(),
                    e.getMessage() + " (the restore stopped: " + done.get() + " of " + collections.size()
                            + " tables are loaded, no index or constraint is made; go on with --resume)",
                    e);
        }
        return new RestoreResult(rows.get(), bytes.get(), collections.size());
    }

    private static String step(CollectionState collection) {
        return "rows " + collection.rows().id();
    }

    private void setSequences(RestorePlan plan) {
        for (CollectionState collection : plan.state().collections()) {
            if (!collection.name().equals(CollectionName.SEQUENCES)) {
                continue;
            }
            ByteCursor cursor = new ByteCursor();
            try (FanIn fanIn = collection.inputs(options.spoolDirectory())) {
                new ChangeMerger(
                                collection.rows(),
                                fanIn.inputs(),
                                plan.end().at().offset())
                        .merge((key, row, offset, index, count) -> {
                            cursor.reset(row.array(), 0, row.length());
                            cursor.readByte();
                            String name = cursor.readString();
                            cursor.readByte();
                            long last = cursor.readLong();
                            cursor.readByte();
                            target.setSequence(name, last, cursor.readByte() == 1);
                        });
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot restore sequences: " + e.getMessage(), e);
            }
        }
    }

    /** Runs the tasks on so many threads; the first failure, or an interruption, ends all of them. */
    private static void inParallel(List<Callable<Void>> tasks, int threads) throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            ExecutorCompletionService<Void> completed = new ExecutorCompletionService<>(executor);
            tasks.forEach(completed::submit);
            for (int i = 0; i < tasks.size(); i++) {
                completed.take().get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TidemarkException failure) {
                throw failure;
            }
            throw TidemarkException.permanent("the restore failed: " + e.getMessage(), e);
        } finally {
            executor.shutdownNow();
        }
    }
}

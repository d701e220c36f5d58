package io.tidemark.restorer;

import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.ByteCursor;
import io.tidemark.model.CollectionName;
import io.tidemark.model.SourceSchema;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.state.RepositoryState.CollectionState;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Carries out a restore plan: checks every object before anything is written, then makes the tables, loads rows and makes
 * indexes and constraints. Each collection is loaded in one transaction; after a failure the target holds whole collections
 * only, and the error says how far it came. An interrupted restore goes on behind the last transaction that the target committed.
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
            Construction construction = new Construction(plan, statements, options, target, log, progress);
            progress.step("schema");
            construction.tables();
            progress.step("rows, indexes and constraints");
            List<CollectionState> collections = plan.state().collections();
            RestoreResult result = construction.rowsAndIndexes(collections);
            setSequences(plan, collections);
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

    private void verify(List<ObjectRef> objects) throws InterruptedException {
        StepGraph checks = new StepGraph();
        for (ObjectRef object : objects) {
            checks.add(() -> repository.verify(object), Set.of());
        }
        checks.run(options.jobs(), () -> {});
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

    private void setSequences(RestorePlan plan, List<CollectionState> collections) {
        for (CollectionState collection : collections) {
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
}

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
import java.util.stream.Collectors;

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
     * Restores. What the target refuses is left out and told, unless it is to be strict.
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
            if (result.failures().isEmpty()) {
                target.finish();
                log.done();
            }
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
        prepareTarget(plan);
        return RestoreLog.begin(options.spoolDirectory(), logged);
    }

    private void verify(List<ObjectRef> objects) throws InterruptedException {
        StepGraph checks = new StepGraph();
        for (ObjectRef object : objects) {
            checks.add(() -> repository.verify(object), Set.of());
        }
        checks.run(options.jobs(), () -> {});
    }

    /**
     * What is in the target and must go before the plan can be carried out: everything, or of single tables these alone.
     *
     * @throws TidemarkException of kind PERMANENT if something must go and the target is a live source
     */
    public List<CollectionName> inTheWay(RestorePlan plan) {
        List<CollectionName> existing = target.existing();
        Set<CollectionName> wanted = wanted(plan);
        List<CollectionName> inTheWay = options.tables().isEmpty()
                ? existing
                : existing.stream().filter(wanted::contains).toList();
        if (!inTheWay.isEmpty()) {
            target.capture().ifPresent(capture -> {
                throw TidemarkException.permanent("the target is the live source of " + capture
                        + "; nothing is dropped there, restore into another database");
            });
        }
        return inTheWay;
    }

    private void prepareTarget(RestorePlan plan) {
        List<CollectionName> inTheWay = inTheWay(plan);
        if (inTheWay.isEmpty()) {
            return;
        }
        if (!options.allowClear()) {
            boolean all = options.tables().isEmpty();
            String held = inTheWay.get(0) + (inTheWay.size() > 1 ? " and " + (inTheWay.size() - 1) + " more" : "");
            throw TidemarkException.permanent(
                    all
                            ? "the target is not empty, it holds " + held
                                    + "; restore into an empty database, or give --allow-clear to drop everything in it"
                            : "the target holds " + held
                                    + " already; restore into another database, or give --allow-clear to replace them");
        }
        if (options.tables().isEmpty()) {
            target.clear();
        } else {
            target.drop(inTheWay);
        }
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
        Set<CollectionName> wanted = wanted(plan);
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
                            boolean called = cursor.readByte() == 1;
                            if (isWanted(name, wanted)) {
                                target.setSequence(name, last, called);
                            }
                        });
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot restore sequences: " + e.getMessage(), e);
            }
        }
    }

    /** The collections that are asked for, as the target names them. */
    private Set<CollectionName> wanted(RestorePlan plan) {
        return plan.schema().statements().stream()
                .flatMap(statement -> statement.collection().stream())
                .filter(options::wants)
                .map(target::named)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Beside other tables, only what the restored ones draw from is set. */
    private boolean isWanted(String sequence, Set<CollectionName> wanted) {
        return options.tables().isEmpty() || target.users(sequence).stream().anyMatch(wanted::contains);
    }
}

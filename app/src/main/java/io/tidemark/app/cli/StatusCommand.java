package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.runtime.Engines;
import io.tidemark.app.runtime.ServiceReports;
import io.tidemark.app.runtime.ServiceState;
import io.tidemark.app.runtime.SourceHealth;
import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceStatus;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.restorer.plan.Timeline;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemark status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show up to when each source can be restored, and whether its capture is alive.",
            "'health' is 'ok', or in a word what is wrong; 'problems' says it. Then the exit code is 5.",
            "'warnings' names what the source holds that is not captured.",
            "'proven equal at' is the last moment at which 'verify --against-source' found the repository equal to the source.",
            "'behind' is the time between now and the newest restorable moment."
        })
final class StatusCommand implements Callable<Integer> {
    /** The exit code when a source is not backed up as it should be. */
    private static final int NOT_WELL = 5;
    /** How long a database may take to answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What a database says, or why it says nothing. */
    private record Answer(SourceStatus status, Optional<String> problem) {}

    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Configuration configuration = options.configuration();
        Duration limit = configuration.duration(Key.STATUS_BEHIND);
        Map<String, SourceHistory> histories = histories();
        Map<String, Answer> answers = ask(histories.keySet().stream().toList(), configuration);
        List<ServiceState> services = new ServiceReports(configuration.data()).list();
        Instant now = Clock.systemUTC().instant();
        List<Map<String, Object>> rows = new ArrayList<>();
        boolean well = true;
        for (SourceHistory history : histories.values()) {
            Optional<Duration> behind = until(history).map(until -> Duration.between(until, now));
            Optional<Answer> answer = Optional.ofNullable(answers.get(history.source()));
            SourceHealth health = answer.map(
                            known -> SourceHealth.of(history.source(), services, known.problem(), behind, limit, now))
                    .orElseGet(() -> SourceHealth.elsewhere(behind, limit));
            rows.add(row(history, behind, health, answer));
            health.problems()
                    .forEach(problem -> System.err.println("tidemark: " + history.source() + ": " + problem.text()));
            well &= health.problems().isEmpty();
        }
        options.output().table(rows);
        return well ? 0 : NOT_WELL;
    }

    /** Of the sources that are backed up. */
    private Map<String, SourceHistory> histories() throws IOException {
        Map<String, SourceHistory> histories = new LinkedHashMap<>();
        try (Repository repository = options.openRepository()) {
            Catalog catalog = options.catalog(repository);
            for (String source : catalog.sources()) {
                SourceHistory history = catalog.history(source);
                if (!history.isRemoved()) {
                    histories.put(source, history);
                }
            }
        }
        return histories;
    }

    private static Optional<Instant> until(SourceHistory history) {
        List<Timeline.Range> ranges = Timeline.of(history).ranges();
        return ranges.isEmpty()
                ? Optional.empty()
                : Optional.of(ranges.get(ranges.size() - 1).until());
    }

    private static Map<String, Object> row(
            SourceHistory history, Optional<Duration> behind, SourceHealth health, Optional<Answer> answer) {
        List<CatalogEntry.SnapshotAdded> snapshots = history.snapshots();
        SourceStatus status = answer.map(Answer::status).orElse(new SourceStatus("not defined here", 0));
        return Output.row(
                "source",
                history.source(),
                "health",
                health.word(),
                "restorable_until",
                until(history).map(Instant::toString).orElse("-"),
                "behind",
                behind.map(duration -> duration.toSeconds() + " s").orElse("-"),
                "newest_snapshot",
                snapshots.isEmpty()
                        ? "-"
                        : Micros.toInstant(snapshots
                                        .get(snapshots.size() - 1)
                                        .end()
                                        .committedAtMicros())
                                .toString(),
                "proven_equal_at",
                history.proven()
                        .map(end -> Micros.toInstant(end.committedAtMicros()).toString())
                        .orElse("-"),
                "segment_bytes",
                history.segmentBytes(),
                "capture",
                status.state(),
                "retained_log_bytes",
                status.retainedBytes(),
                "problems",
                health.problems().isEmpty()
                        ? "-"
                        : String.join(
                                "; ",
                                health.problems().stream()
                                        .map(SourceHealth.Problem::text)
                                        .toList()),
                "warnings",
                status.warnings().isEmpty() ? "-" : String.join("; ", status.warnings()));
    }

    /** Asks the databases of those that are defined here, all at once. */
    private static Map<String, Answer> ask(List<String> sources, Configuration configuration)
            throws InterruptedException {
        SourceDefinitions definitions = new SourceDefinitions(configuration.data());
        Map<String, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        for (String source : sources) {
            if (definitions.exists(source)) {
                asked.put(source, ask(source, definitions, configuration.integer(Key.COPY_READERS)));
            }
        }
        Map<String, Answer> answers = new LinkedHashMap<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Map.Entry<String, CompletableFuture<Answer>> each : asked.entrySet()) {
            answers.put(each.getKey(), await(each.getValue(), deadline));
        }
        return answers;
    }

    private static CompletableFuture<Answer> ask(String name, SourceDefinitions definitions, int copyReaders) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        SourceDefinition definition = definitions.get(name);
                        try (Source source = Engines.source(
                                definition.engine(), definition.settings(copyReaders, Optional.empty()))) {
                            answer.complete(answer(source.status()));
                        }
                    } catch (TidemarkException e) {
                        answer.complete(unreachable(String.valueOf(e.getMessage())));
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                },
                "status-" + name);
        thread.setDaemon(true);
        thread.start();
        return answer;
    }

    private static Answer await(CompletableFuture<Answer> answer, long deadline) throws InterruptedException {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return unreachable("the database does not answer in " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Answer answer(SourceStatus status) {
        return new Answer(
                status,
                status.state().equals(SourceStatus.MISSING) ? Optional.of(SourceHealth.GONE) : Optional.empty());
    }

    private static Answer unreachable(String why) {
        return new Answer(new SourceStatus("unreachable", 0), Optional.of(why));
    }
}

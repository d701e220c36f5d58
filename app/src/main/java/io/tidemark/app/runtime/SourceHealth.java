package io.tidemark.app.runtime;

import io.tidemark.ingest.IngestWorker;
import io.tidemark.model.Micros;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether one source is backed up as it should be. Immutable.
 *
 * @param problems why not, the worst first; empty if all is well
 */
public record SourceHealth(List<Problem> problems) {
    /** A process says something every second; one that said nothing for so long is dead, or hangs. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    /** What is wrong in a database in which nothing is found that a capture made. */
    public static final String GONE = "what the capture made in the database is gone";

    /** What may be wrong, the worst first. */
    public enum Kind {
        /** No process captures the source. */
        STOPPED,
        /** A part of the work for the source fails. */
        FAILING,
        /** The database does not answer, or has lost what the capture needs. */
        SOURCE,
        /** The newest restorable moment is too long ago. */
        BEHIND
    }

    /**
     * One thing that is wrong.
     *
     * @param text in one sentence, without a full stop
     */
    public record Problem(Kind kind, String text) {}

    public SourceHealth {
        problems = List.copyOf(problems);
    }

    /** In a word: {@code ok}, or the worst problem's kind. */
    public String word() {
        return problems.isEmpty() ? "ok" : problems.get(0).kind().name().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * Judges by what the processes of this data directory say.
     *
     * @param sourceProblem what is wrong in the database
     * @param behind how long ago the newest restorable moment is; empty if there is none yet
     * @param limit how far behind is still well
     */
    public static SourceHealth of(
            String source,
            List<ServiceState> services,
            Optional<String> sourceProblem,
            Optional<Duration> behind,
            Duration limit,
            Instant now) {
        List<Problem> problems = new ArrayList<>();
        List<PartState> parts = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        for (ServiceState service : services) {
            Duration silence = Duration.between(Micros.toInstant(service.writtenMicros()), now);
            if (silence.compareTo(SILENCE) > 0) {
                silent.add("process " + service.pid() + " (" + service.roles() + ") said nothing for "
                        + silence.toSeconds() + " s");
            } else {
                service.sources().stream()
                        .filter(state -> state.source().equals(source))
                        .forEach(state -> parts.addAll(state.parts()));
            }
        }
        if (parts.stream().noneMatch(SourceHealth::captures)) {
            problems.add(new Problem(
                    Kind.STOPPED,
                    "no 'tidemark run' captures it" + (silent.isEmpty() ? "" : "; " + String.join(", ", silent))));
        }
        parts.forEach(part -> part.failure().ifPresent(why -> problems.add(problem(part, why))));
        sourceProblem
                .filter(problem -> !problem.equals(GONE) || !isBeginning(parts))
                .ifPresent(problem -> problems.add(new Problem(Kind.SOURCE, problem)));
        problems.addAll(elsewhere(behind, limit).problems());
        return new SourceHealth(
                problems.stream().sorted((a, b) -> a.kind().compareTo(b.kind())).toList());
    }

    /** Judges a source that another data directory captures by its backup alone. */
    public static SourceHealth elsewhere(Optional<Duration> behind, Duration limit) {
        return new SourceHealth(behind
                .filter(duration -> duration.compareTo(limit) > 0)
                .map(duration ->
                        new Problem(Kind.BEHIND, "the newest restorable moment is " + duration.toSeconds() + " s ago"))
                .stream()
                .toList());
    }

    private static boolean captures(PartState part) {
        return part.part().equals(SourceService.INGEST) && !part.hasEnded();
    }

    /** What the capture needs in the database is made when the copy begins. */
    private static boolean isBeginning(List<PartState> parts) {
        return parts.stream()
                .anyMatch(part -> part.part().equals(SourceService.INGEST)
                        && part.failure().isEmpty()
                        && !part.doing().equals(IngestWorker.CAPTURING));
    }

    private static Problem problem(PartState part, String why) {
        return new Problem(
                part.hasEnded() ? Kind.STOPPED : Kind.FAILING,
                part.part() + (part.hasEnded() ? " has ended: " : " fails: ") + why);
    }
}

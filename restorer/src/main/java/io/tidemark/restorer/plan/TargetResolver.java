package io.tidemark.restorer.plan;

import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.section.SectionFile;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds the transaction that a restore ends at. The rule is PostgreSQL's own for {@code recovery_target_time}: the
 * longest prefix of whole transactions before the first one that lies behind the target. Commit times are not monotonic,
 * so this is a walk in log order, never a search over times. Moments that cannot be restored are told with the nearest
 * that can.
 */
public final class TargetResolver {
    private final Repository repository;
    private final SourceHistory history;
    private final Timeline timeline;

    public TargetResolver(Repository repository, SourceHistory history) {
        this.repository = repository;
        this.history = history;
        timeline = Timeline.of(history);
    }

    /**
     * The transaction to end at.
     *
     * @throws TidemarkException of kind NOT_FOUND if the moment is before, behind or in a gap of what is kept
     */
    public TransactionEnd resolve(RestoreTo target) {
        Optional<TransactionEnd> single = single(target);
        if (single.isPresent()) {
            return single.get();
        }
        if (timeline.ranges().isEmpty()) {
            throw TidemarkException.notFound("nothing of " + history.source()
                    + " can be restored yet: its initial copy is not complete in the repository");
        }
        if (target instanceof RestoreTo.Time time) {
            return atTime(Micros.of(time.time()), target);
        }
        if (target instanceof RestoreTo.Coordinate coordinate) {
            return atCoordinate(coordinate.coordinate(), target);
        }
        if (target instanceof RestoreTo.Transaction transaction) {
            return afterTransaction(transaction.id());
        }
        if (target instanceof RestoreTo.At at) {
            return atPosition(at.position(), target);
        }
        return newest().last();
    }

    /** The end of a snapshot that is kept by itself, if exactly that is asked for. */
    private Optional<TransactionEnd> single(RestoreTo target) {
        return timeline.snapshots().stream()
                .map(CatalogEntry.SnapshotAdded::end)
                .filter(end -> isAt(end, target))
                .findFirst();
    }

    private static boolean isAt(TransactionEnd end, RestoreTo target) {
        if (target instanceof RestoreTo.At at) {
            return at.position().equals(end.at());
        }
        return target instanceof RestoreTo.Transaction transaction
                && transaction.id().equals(end.id());
    }

    private TransactionEnd atTime(long micros, RestoreTo target) {
        Timeline.Range range = timeline.ranges().get(0);
        for (Timeline.Range candidate : timeline.ranges()) {
            if (candidate.fromMicros() <= micros) {
                range = candidate;
            }
        }
        if (micros < range.fromMicros()) {
            throw before(target);
        }
        if (micros >= range.completeUntilMicros()) {
            throw behind(target, range);
        }
        return lastBeforeFirst(
                        range.epoch(),
                        stretch -> stretch.lastCommitMicros().orElse(Long.MIN_VALUE) > micros,
                        end -> end.committedAtMicros() > micros,
                        range.first())
                .orElseThrow(() -> before(target));
    }

    private TransactionEnd atCoordinate(String coordinate, RestoreTo target) {
        Comparator<String> order = CoordinateOrder.of(history.engine());
        Timeline.Range range = timeline.ranges().stream()
                .filter(r -> order.compare(r.first().coordinate(), coordinate) <= 0)
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> before(target));
        if (order.compare(coordinate, range.last().coordinate()) > 0) {
            throw behind(target, range);
        }
        return lastBeforeFirst(
                        range.epoch(),
                        stretch -> stretch.lastEnd().isPresent()
                                && order.compare(stretch.lastEnd().get().coordinate(), coordinate) > 0,
                        end -> order.compare(end.coordinate(), coordinate) > 0,
                        range.first())
                .orElseThrow(() -> before(target));
    }

    private TransactionEnd atPosition(Position position, RestoreTo target) {
        Timeline.Range range = timeline.range(position.epoch())
                .filter(r -> position.compareTo(r.first().at()) >= 0)
                .orElseThrow(() -> before(target));
        boolean archived = history.contiguous(position.epoch()).stream()
                .anyMatch(a -> a.stretch().through() >= position.offset());
        if (!archived) {
            throw behind(target, range);
        }
        return lastBeforeFirst(
                        range.epoch(),
                        stretch -> stretch.end().isAfter(position),
                        end -> end.at().isAfter(position),
                        range.first())
                .orElseThrow(() -> before(target));
    }

    private TransactionEnd afterTransaction(String id) {
        for (Timeline.Range range : timeline.ranges()) {
            for (Archived archived : history.contiguous(range.epoch())) {
                Optional<TransactionEnd> found =
                        firstIn(archived, end -> end.id().equals(id));
                if (found.isPresent()
                        && found.get().at().compareTo(range.first().at()) >= 0) {
                    return found.get();
                }
            }
        }
        throw TidemarkException.notFound(
                "no transaction " + id + " of " + history.source() + " is in the repository; " + whatThereIs());
    }

    /**
     * Walks an epoch up to the first transaction behind the target and gives the one before it.
     *
     * @param mayHold whether a stretch can hold a transaction behind the target, by what the catalog says of it
     */
    private Optional<TransactionEnd> lastBeforeFirst(
            int epoch, Predicate<Stretch> mayHold, Predicate<TransactionEnd> behind, TransactionEnd oldest) {
        // What was retired ended with the snapshot that everything kept begins with.
        Optional<TransactionEnd> chosen = history.floorSnapshot(epoch).map(CatalogEntry.SnapshotAdded::end);
        for (Archived archived : history.contiguous(epoch)) {
            if (mayHold.test(archived.stretch())) {
                Walk walk = new Walk(chosen, behind);
                if (archived.object().isPresent()) {
                    open(archived.object().get()).transactions(walk::visit);
                } else {
                    // Its single transactions are not kept, since the state is the same after all of them.
                    archived.stretch().lastEnd().ifPresent(walk::visit);
                    walk.stopped = true;
                }
                chosen = walk.chosen;
                if (walk.stopped) {
                    break;
                }
            } else if (archived.stretch().lastEnd().isPresent()) {
                chosen = archived.stretch().lastEnd();
            }
        }
        return chosen.filter(end -> end.at().compareTo(oldest.at()) >= 0);
    }

    private static final class Walk {
        private final Predicate<TransactionEnd> behind;
        private Optional<TransactionEnd> chosen;
        private boolean stopped;

        Walk(Optional<TransactionEnd> chosen, Predicate<TransactionEnd> behind) {
            this.chosen = chosen;
            this.behind = behind;
        }

        void visit(TransactionEnd end) {
            stopped |= behind.test(end);
            if (!stopped) {
                chosen = Optional.of(end);
            }
        }
    }

    private Optional<TransactionEnd> firstIn(Archived archived, Predicate<TransactionEnd> wanted) {
        if (archived.object().isEmpty()) {
            return archived.stretch().lastEnd().filter(wanted);
        }
        Walk walk = new Walk(Optional.empty(), end -> false);
        open(archived.object().get()).transactions(end -> {
            if (wanted.test(end)) {
                walk.visit(end);
            }
        });
        return walk.chosen;
    }

    private SectionFile open(ObjectRef ref) {
        return SectionFile.open(repository, ref);
    }

    private Timeline.Range newest() {
        List<Timeline.Range> ranges = timeline.ranges();
        return ranges.get(ranges.size() - 1);
    }

    private TidemarkException before(RestoreTo target) {
        return TidemarkException.notFound(
                target + " is before the oldest restorable moment of " + history.source() + "; " + whatThereIs());
    }

    private TidemarkException behind(RestoreTo target, Timeline.Range range) {
        Optional<Timeline.Range> next = timeline.ranges().stream()
                .filter(r -> r.epoch() > range.epoch())
                .findFirst();
        if (next.isPresent()) {
            return TidemarkException.notFound(target + " lies in a gap of " + history.source()
                    + ", nothing was captured from " + range.until() + " to "
                    + next.get().from()
                    + " (" + next.get().reason() + ")"
                    + "; the nearest moments are just before " + range.until() + " and "
                    + next.get().from());
        }
        return TidemarkException.notFound(target + " is in the future of what is archived of " + history.source()
                + ": complete until " + range.until() + " (transaction "
                + range.last().id() + " at "
                + range.last().coordinate() + "); use --to latest, or try again later");
    }

    private String whatThereIs() {
        StringBuilder text = new StringBuilder("restorable is");
        String separator = " ";
        for (Timeline.Range range : timeline.ranges()) {
            text.append(separator).append(range.from()).append(" until ").append(range.until());
            separator = ", then ";
        }
        List<CatalogEntry.SnapshotAdded> single = timeline.snapshots();
        if (!single.isEmpty()) {
            text.append("; of before that, ")
                    .append(single.size())
                    .append(" snapshots are kept, the newest at ")
                    .append(single.get(single.size() - 1).end().at())
                    .append(" (see 'tidemark timeline', and restore one with --to-position)");
        }
        return text.toString();
    }
}

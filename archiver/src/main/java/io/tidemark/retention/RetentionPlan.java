package io.tidemark.retention;

import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.CatalogEntry.Floor;
import io.tidemark.repository.catalog.CatalogEntry.Range;
import io.tidemark.repository.catalog.CatalogEntry.Retired;
import io.tidemark.repository.catalog.CatalogEntry.SnapshotAdded;
import io.tidemark.repository.catalog.SourceHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a policy makes of a source's history: which snapshots are kept and why, and what is retired. A pure function of
 * catalog, policy and time. What is kept is closed: each kept snapshot has its schema, and each moment in the window its
 * snapshot, its changes and its schema.
 *
 * @param snapshots all there are, oldest first, with why each is kept; empty text for those that go
 * @param retired one entry for each epoch of which something goes
 * @param toArchive kept snapshots that are old enough for the archive and not in it
 */
public record RetentionPlan(Map<Position, String> snapshots, List<Retired> retired, List<Position> toArchive) {
    /** Thinks through a policy. */
    public static RetentionPlan of(SourceHistory history, RetentionPolicy policy, Instant now) {
        return new Planning(history, policy, now).plan();
    }

    private static final class Planning {
        private final SourceHistory history;
        private final RetentionPolicy policy;
        private final long newestMicros;
        private final long windowMicros;
        private final TreeMap<Position, SnapshotAdded> snapshots = new TreeMap<>();
        private final Map<Position, String> reasons = new LinkedHashMap<>();

        Planning(SourceHistory history, RetentionPolicy policy, Instant now) {
            this.history = history;
            this.policy = policy;
            history.snapshots().forEach(s -> snapshots.put(s.end().at(), s));
            // Counted from what there is: a backup that stopped, or a clock that is ahead, must not empty the window.
            newestMicros = Math.min(Micros.of(now), newest());
            Duration window = policy.pitrWindow()
                    .map(w -> w.compareTo(policy.minAge()) > 0 ? w : policy.minAge())
                    .orElse(Duration.ZERO);
            windowMicros = policy.pitrWindow().isPresent() ? newestMicros - micros(window) : Long.MIN_VALUE;
        }

        private static long micros(Duration duration) {
            return duration.toSeconds() * 1_000_000;
        }

        private long newest() {
            long newest = Long.MIN_VALUE;
            for (int epoch : history.epochs()) {
                for (Archived archived : history.contiguous(epoch)) {
                    newest = Math.max(
                            newest, archived.stretch().lastCommitMicros().orElse(newest));
                }
            }
            for (SnapshotAdded snapshot : snapshots.values()) {
                newest = Math.max(newest, snapshot.end().committedAtMicros());
            }
            return newest;
        }

        RetentionPlan plan() {
            Map<Integer, Optional<Floor>> floors = new TreeMap<>();
            for (int epoch : history.epochs()) {
                floors.put(epoch, floor(epoch));
            }
            keepByWindow(floors);
            keepByRules();
            keepYoungAndNewest();
            Map<Position, String> all = new LinkedHashMap<>();
            snapshots.keySet().forEach(at -> all.put(at, reasons.getOrDefault(at, "")));
            List<Retired> retired = new ArrayList<>();
            floors.forEach((epoch, floor) -> {
                Retired marks = retire(epoch, floor);
                if (!marks.isEmpty()) {
                    retired.add(marks);
                }
            });
            return new RetentionPlan(all, retired, toArchive());
        }

        /** The newest stays, since the next one is made of it. */
        private List<Position> toArchive() {
            if (policy.archiveAfter().isEmpty()) {
                return List.of();
            }
            long old = newestMicros - micros(policy.archiveAfter().get());
            return snapshots.values().stream()
                    .filter(snapshot -> snapshot.end().committedAtMicros() <= old)
                    .map(snapshot -> snapshot.end().at())
                    .filter(at -> reasons.containsKey(at) && !at.equals(snapshots.lastKey()))
                    .filter(at -> history.inArchive(at).isEmpty())
                    .toList();
        }

        /**
         * The offset from which on every moment of the epoch is kept: that of the newest snapshot behind which every
         * moment of the window lies, or the end of an epoch that lies before the window altogether. Commit times are not
         * monotonic, so a snapshot counts as being as late as the latest commit before it.
         */
        private Optional<Floor> floor(int epoch) {
            Optional<Floor> floor = history.floor(epoch);
            if (policy.pitrWindow().isEmpty()) {
                return floor;
            }
            List<Archived> pieces = history.contiguous(epoch);
            long latest = floor.map(Floor::latestMicros).orElse(Long.MIN_VALUE);
            for (Archived piece : pieces) {
                latest = Math.max(latest, piece.stretch().lastCommitMicros().orElse(latest));
                if (latest > windowMicros) {
                    return floor;
                }
                for (SnapshotAdded snapshot : in(piece)) {
                    floor = Optional.of(new Floor(snapshot.end().at().offset(), latest));
                }
            }
            boolean over = !pieces.isEmpty() && epoch != newestEpoch();
            return over ? Optional.of(new Floor(through(pieces), latest)) : floor;
        }

        private static long through(List<Archived> pieces) {
            return pieces.get(pieces.size() - 1).stretch().through();
        }

        private List<SnapshotAdded> in(Archived piece) {
            return snapshots.values().stream()
                    .filter(s -> piece.stretch().contains(s.end().at()))
                    .toList();
        }

        private int newestEpoch() {
            List<Integer> epochs = history.epochs();
            return epochs.get(epochs.size() - 1);
        }

        private void keepByWindow(Map<Integer, Optional<Floor>> floors) {
            boolean thinned = policy.rules().stream().anyMatch(rule -> rule.periods() > 0);
            for (Position at : snapshots.keySet()) {
                if (policy.pitrWindow().isPresent()) {
                    if (isInWindow(at, floors.getOrDefault(at.epoch(), Optional.empty()))) {
                        keep(at, "pitr-window");
                    }
                } else if (!thinned) {
                    keep(at, "everything");
                } else if (history.floor(at.epoch())
                        .filter(f -> f.offset() == at.offset())
                        .isPresent()) {
                    // The state at a floor is that of its snapshot, which nothing else gives.
                    keep(at, "pitr-window");
                }
            }
        }

        private boolean isInWindow(Position at, Optional<Floor> floor) {
            List<Archived> pieces = history.contiguous(at.epoch());
            long from = floor.map(Floor::offset).orElse(-1L);
            boolean isOver = pieces.isEmpty() || (at.epoch() != newestEpoch() && from >= through(pieces));
            return !isOver && at.offset() >= from;
        }

        private void keepByRules() {
            List<SnapshotAdded> newestFirst =
                    new ArrayList<>(snapshots.descendingMap().values());
            for (RetentionPolicy.Rule rule : policy.rules()) {
                Set<Object> periods = new HashSet<>();
                for (SnapshotAdded snapshot : newestFirst) {
                    Object period =
                            rule.period().apply(Micros.toInstant(snapshot.end().committedAtMicros()));
                    if (periods.size() < rule.periods() && periods.add(period)) {
                        keep(snapshot.end().at(), rule.name());
                    }
                }
            }
        }

        private void keepYoungAndNewest() {
            long young = newestMicros - micros(policy.minAge());
            for (SnapshotAdded snapshot : snapshots.values()) {
                if (snapshot.end().committedAtMicros() > young) {
                    keep(snapshot.end().at(), "min-age");
                }
            }
            if (!snapshots.isEmpty()) {
                keep(snapshots.lastKey(), "newest");
            }
        }

        private void keep(Position at, String reason) {
            reasons.merge(at, reason, (a, b) -> a.contains(b) ? a : a + ", " + b);
        }

        private Retired retire(int epoch, Optional<Floor> floor) {
            List<Archived> walk = history.contiguous(epoch);
            Set<Archived> kept = new HashSet<>();
            for (Archived piece : walk) {
                if (floor.isEmpty() || piece.stretch().through() > floor.get().offset()) {
                    kept.add(piece);
                }
            }
            if (!walk.isEmpty() && epoch == newestEpoch()) {
                kept.add(walk.get(walk.size() - 1));
            }
            List<Range> pieces = new ArrayList<>();
            long horizon = walk.isEmpty() ? -1 : through(walk);
            for (Archived piece : history.archived(epoch)) {
                // What lies behind a hole is not replaced by anything; it waits for the hole to be filled.
                if (!kept.contains(piece) && piece.stretch().through() <= horizon) {
                    pieces.add(
                            new Range(piece.stretch().after(), piece.stretch().through()));
                }
            }
            List<Long> goneSnapshots = snapshots.keySet().stream()
                    .filter(at -> at.epoch() == epoch && !reasons.containsKey(at))
                    .map(Position::offset)
                    .toList();
            Optional<Floor> moved = floor.equals(history.floor(epoch)) ? Optional.empty() : floor;
            return new Retired(history.source(), epoch, moved, goneSnapshots, pieces, schemas(epoch, kept));
        }

        /** A schema is needed if it is in force at a kept snapshot or anywhere in kept changes. */
        private List<Long> schemas(int epoch, Set<Archived> kept) {
            List<Position> all = history.schemas().keySet().stream()
                    .filter(at -> at.epoch() == epoch)
                    .toList();
            List<Long> gone = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                Position from = all.get(i);
                Optional<Position> next = i + 1 < all.size() ? Optional.of(all.get(i + 1)) : Optional.empty();
                boolean bySnapshot = reasons.keySet().stream()
                        .anyMatch(at -> at.compareTo(from) >= 0 && at.epoch() == epoch && isBefore(at, next));
                boolean byChanges = kept.stream()
                        .anyMatch(piece -> piece.stretch().through() >= from.offset()
                                && (next.isEmpty()
                                        || piece.stretch().after() < next.get().offset()));
                if (!bySnapshot && !byChanges) {
                    gone.add(from.offset());
                }
            }
            return gone;
        }

        private static boolean isBefore(Position at, Optional<Position> next) {
            return next.isEmpty() || at.compareTo(next.get()) < 0;
        }
    }
}

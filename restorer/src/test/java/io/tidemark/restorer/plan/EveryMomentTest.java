package io.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.archiver.Compactor;
import io.tidemark.archiver.PartSizes;
import io.tidemark.archiver.Reencryption;
import io.tidemark.archiver.SnapshotBuilder;
import io.tidemark.fixture.FaultyStore;
import io.tidemark.merge.ChangeMerger;
import io.tidemark.merge.FanIn;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.CompactionPlan;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.retention.Pruner;
import io.tidemark.retention.RetentionPolicy;
import io.tidemark.state.RepositoryState;
import io.tidemark.state.SnapshotManifest;
import io.tidemark.testbed.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Segments, runs, snapshots, interrupted snapshots, epochs and prunes in random order, against a map that remembers every
 * state: whatever was done, each moment that must be restorable is, exactly, and no object stays that nothing needs.
 * jqwik prints the seed.
 */
class EveryMomentTest {
    private static final PartSizes SMALL_PARTS = new PartSizes(400, 150, 60);

    private final class ModelClock extends Clock {
        private final ModelSource[] source = new ModelSource[1];
        private Duration jump = Duration.ZERO;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return source[0] == null
                    ? Instant.EPOCH
                    : Micros.toInstant(source[0].nowMicros()).plus(jump);
        }
    }

    @Property(tries = 30)
    void everyMomentThatMustBeRestorableIs(@ForAll long seed) throws IOException {
        simulate(seed, false);
    }

    /** Two archivers, whose store fails one call in forty in every way it can, and whose clocks jump. */
    @Property(tries = 25)
    void everyMomentThatMustBeRestorableIsThoughTheStoreFailsAllTheTime(@ForAll long seed) throws IOException {
        simulate(seed, true);
    }

    private void simulate(long seed, boolean broken) throws IOException {
        Path directory = Directories.create("moments");
        try {
            new Run(new Random(seed), directory, broken).run();
        } finally {
            Directories.delete(directory);
        }
    }

    private final class Run {
        private final Random random;
        private Path spools;
        private final Path objects;
        private final Path archive;
        private final ModelClock clock = new ModelClock();
        private final boolean broken;
        /** Read through no faults, for looking at what became of it. */
        private final Repository repository;
        /** What writers use. */
        private final Repository written;

        private final List<Catalog> catalogs = new ArrayList<>();
        private final ModelSource source;
        /** Moments behind this one were inside the window of every prune so far. */
        private long promisedMicros = Long.MIN_VALUE;
        /** Whether something happens beside something else right now. */
        private boolean beside;
        /** Whether something may have been written for nothing; it is swept as an orphan. */
        private boolean everDisturbed;

        private boolean disturbed;

        Run(Random random, Path directory, boolean broken) throws IOException {
            this.random = random;
            this.broken = broken;
            spools = directory.resolve("spool");
            objects = directory.resolve("repo");
            FileObjectStore store = new FileObjectStore(objects);
            Optional<KeySource> key = Optional.of(KeyText.create(directory.resolve("key")));
            NewRepository.make(store, key).close();
            archive = directory.resolve("archive");
            FileObjectStore behind = new FileObjectStore(archive);
            repository = Repository.open(store, key, Optional.of(behind));
            written = TransientFailures.outlast(() -> Repository.open(faulty(store), key, Optional.of(faulty(behind))));
            for (int i = 0; i < (broken ? 2 : 1); i++) {
                catalogs.add(TransientFailures.outlast(() -> Catalog.load(written, clock)));
            }
            source = new ModelSource(random, written, catalogs, spools);
            clock.source[0] = source;
        }

        private ObjectStore faulty(ObjectStore store) {
            return broken ? new FaultyStore(store, random, 40) : store;
        }

        private Catalog catalog() {
            return catalogs.get(random.nextInt(catalogs.size()));
        }

        private SourceHistory history() throws IOException {
            Catalog catalog = catalog();
            TransientFailures.outlast(catalog::refresh);
            return catalog.history(ModelSource.NAME);
        }

        void run() throws IOException {
            source.beginEpoch();
            for (int i = 0; i < 40; i++) {
                switch (random.nextInt(17)) {
                    case 0 -> {
                        if (random.nextInt(4) == 0) {
                            source.beginEpoch();
                        }
                    }
                    case 1, 2, 3 -> compact();
                    case 4, 5 -> snapshot();
                    case 6 -> interruptedSnapshot();
                    case 7, 8 -> {
                        check();
                        prune();
                        check();
                    }
                    case 10 -> {
                        Catalog catalog = catalog();
                        TransientFailures.outlast(() -> catalog.checkpoint(1));
                    }
                    case 9 -> source.pass(random.nextInt(200_000));
                    case 11 -> reencrypt();
                    default -> source.segment();
                }
            }
            check();
        }

        private void compact() throws IOException {
            SourceHistory history = history();
            List<Integer> epochs = history.epochs();
            int epoch = epochs.get(random.nextInt(epochs.size()));
            List<Archived> pieces = history.contiguous(epoch);
            if (pieces.size() < 2) {
                return;
            }
            int from = random.nextInt(pieces.size() - 1);
            int to = from + 1 + random.nextInt(pieces.size() - from - 1);
            CompactionPlan plan = new CompactionPlan(
                    ModelSource.NAME,
                    epoch,
                    pieces.get(from).stretch().after(),
                    pieces.get(to).stretch().through());
            Compactor compactor = new Compactor(written, catalog(), spools, this::somethingHappens);
            unlessPrunedMeanwhile(() -> compactor.compact(plan));
        }

        private void snapshot() throws IOException {
            SnapshotBuilder builder =
                    new SnapshotBuilder(written, catalog(), spools, this::somethingHappens, SMALL_PARTS);
            unlessPrunedMeanwhile(() -> builder.build(ModelSource.NAME, (collection, rows, done, total) -> {}));
        }

        /** Without a grace, pruning takes what somebody reads; that must end his work with nothing done. */
        private void unlessPrunedMeanwhile(TransientFailures.Task work) throws IOException {
            disturbed = beside;
            try {
                TransientFailures.outlast(work);
            } catch (TidemarkException e) {
                if (!disturbed || !String.valueOf(e.getMessage()).contains("is missing")) {
                    throw e;
                }
            } finally {
                everDisturbed |= disturbed;
            }
        }

        /** Another process prunes or writes anew in the middle of something; asked where that could be cancelled. */
        private boolean somethingHappens() {
            if (beside || random.nextInt(12) > 0) {
                return false;
            }
            beside = true;
            disturbed = true;
            Path own = spools;
            spools = own.resolve("beside");
            try {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    switch (random.nextInt(4)) {
                        case 0 -> reencrypt();
                        case 1 -> snapshot();
                        default -> prune();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                beside = false;
                spools = own;
            }
            return false;
        }

        private void reencrypt() throws IOException {
            Catalog catalog = catalog();
            if (random.nextBoolean()) {
                TransientFailures.outlast(catalog::changeKey);
            }
            AtomicInteger checks = new AtomicInteger(random.nextInt(30));
            Reencryption writing = new Reencryption(
                    written, catalog, spools, () -> checks.getAndDecrement() == 0, (count, bytes) -> {});
            TransientFailures.outlast(writing::run);
            SourceHistory history = Catalog.load(repository, clock).history(ModelSource.NAME);
            assertThat(history.objects()).allMatch(ref -> repository.isSealedAnew(ref.name()));
            for (CatalogEntry.SnapshotAdded snapshot : history.snapshots()) {
                assertThat(SnapshotManifest.read(repository, snapshot.manifest())
                                .objects())
                        .allMatch(ref -> repository.isSealedAnew(ref.name()));
            }
        }

        private void interruptedSnapshot() throws IOException {
            AtomicInteger checks = new AtomicInteger(random.nextInt(8));
            try {
                new SnapshotBuilder(written, catalog(), spools, () -> checks.getAndDecrement() <= 0, SMALL_PARTS)
                        .build(ModelSource.NAME, (collection, rows, done, total) -> {});
            } catch (TidemarkException e) {
                assertThat(e.kind()).isEqualTo(TidemarkException.Kind.TRANSIENT);
            }
        }

        private void prune() throws IOException {
            Optional<Duration> window =
                    random.nextBoolean() ? Optional.of(Duration.ofSeconds(random.nextInt(200))) : Optional.empty();
            Duration minAge = Duration.ofSeconds(random.nextInt(60));
            RetentionPolicy policy = new RetentionPolicy(
                    random.nextInt(3),
                    random.nextInt(3),
                    random.nextInt(2),
                    random.nextInt(2),
                    random.nextInt(2),
                    minAge,
                    window,
                    random.nextBoolean() ? Optional.of(Duration.ofSeconds(random.nextInt(300))) : Optional.empty(),
                    ZoneOffset.UTC);
            if (window.isPresent()) {
                long newest = source.states().stream()
                        .mapToLong(s -> s.end().committedAtMicros())
                        .max()
                        .orElseThrow();
                long back = Math.max(window.get().toSeconds(), minAge.toSeconds()) * 1_000_000;
                promisedMicros = Math.max(promisedMicros, Math.min(newest, source.nowMicros()) - back);
            }
            boolean patient = random.nextBoolean();
            Pruner pruner = new Pruner(
                    written,
                    catalog(),
                    clock,
                    new Pruner.Patience(Duration.ofSeconds(patient ? 3_600 : 0), Duration.ofDays(7)));
            clock.jump =
                    broken && random.nextInt(3) == 0 ? Duration.ofDays(random.nextInt(3) * 200 - 200) : Duration.ZERO;
            TransientFailures.outlast(() -> pruner.prune(List.of(ModelSource.NAME), policy));
            clock.jump = Duration.ZERO;
            if (!patient && !broken) {
                pruner.prune(List.of(ModelSource.NAME), RetentionPolicy.KEEP_ALL);
                assertNothingIsLeftOver();
            }
        }

        /** Parts of an interrupted build are not named yet; all else must be. */
        private void assertNothingIsLeftOver() throws IOException {
            SourceHistory history = history();
            Set<String> named = new HashSet<>();
            Set<String> archived = new HashSet<>();
            history.schemas().values().forEach(ref -> named.add(ref.name().text()));
            history.epochs()
                    .forEach(epoch -> history.archived(epoch)
                            .forEach(a -> a.object()
                                    .ifPresent(ref -> named.add(ref.name().text()))));
            for (CatalogEntry.SnapshotAdded snapshot : history.snapshots()) {
                named.add(snapshot.manifest().name().text());
                Set<String> parts = SnapshotManifest.read(repository, snapshot.manifest())
                        .objects()
                        .map(ref -> ref.name().text())
                        .collect(Collectors.toSet());
                if (history.inArchive(snapshot.end().at()).isEmpty()) {
                    named.addAll(parts);
                } else {
                    archived.addAll(parts);
                    archived.add(snapshot.manifest().name().text());
                }
            }
            assertThat(data(archive)).containsAll(archived);
            Set<String> stored = data(objects);
            assertThat(stored).containsAll(named);
            stored.removeAll(named);
            boolean interrupted = beside || Files.exists(spools.resolve("snapshot-" + ModelSource.NAME + ".progress"));
            if (!interrupted && !everDisturbed) {
                assertThat(stored.stream().filter(name -> !name.endsWith(".part")))
                        .isEmpty();
            }
            if (!interrupted) {
                for (String orphan : stored) {
                    Files.setLastModifiedTime(objects.resolve(orphan), FileTime.from(Instant.EPOCH));
                }
                for (String object : data(archive)) {
                    Files.setLastModifiedTime(archive.resolve(object), FileTime.from(Instant.EPOCH));
                }
                new Pruner(repository, catalog(), clock, new Pruner.Patience(Duration.ZERO, Duration.ofDays(7)))
                        .prune(List.of(), RetentionPolicy.KEEP_ALL);
                for (String orphan : stored) {
                    assertThat(objects.resolve(orphan)).doesNotExist();
                }
                // What snapshots here share with archived ones may stay there.
                archived.addAll(named);
                assertThat(archived).containsAll(data(archive));
            }
        }

        private static Set<String> data(Path store) throws IOException {
            Set<String> names = new HashSet<>();
            new FileObjectStore(store).list("", "", found -> {
                if (RepositoryLayout.isData(found.name())) {
                    names.add(found.name().text());
                }
            });
            return names;
        }

        private void check() throws IOException {
            Catalog fresh =
                    random.nextInt(3) > 0 ? Catalog.load(repository, clock) : Catalog.loadWhole(repository, clock);
            SourceHistory history = fresh.history(ModelSource.NAME);
            TargetResolver resolver = new TargetResolver(repository, history);
            boolean somethingRestorable = false;
            for (ModelSource.State state : source.states()) {
                Optional<TransactionEnd> end =
                        resolve(resolver, new RestoreTo.At(state.end().at()));
                if (end.isPresent()) {
                    assertThat(end.get().at()).isLessThanOrEqualTo(state.end().at());
                    assertThat(rows(history, end.get()))
                            .as("at %s", state.end())
                            .isEqualTo(state.rows());
                    somethingRestorable = true;
                } else {
                    assertThat(state.latestMicros())
                            .as("%s is lost, though %s was promised", state.end(), promisedMicros)
                            .isLessThanOrEqualTo(promisedMicros);
                }
            }
            assertThat(somethingRestorable).isTrue();
            checkTimes(resolver, history);
        }

        /** Every restorable time gives the longest prefix that committed up to then. */
        private void checkTimes(TargetResolver resolver, SourceHistory history) throws IOException {
            List<Timeline.Range> ranges = Timeline.of(history).ranges();
            for (Timeline.Range range : ranges) {
                for (int i = 0; i < 10; i++) {
                    long width = range.completeUntilMicros() - range.fromMicros();
                    if (width <= 0) {
                        break;
                    }
                    long micros = range.fromMicros() + (long) (random.nextDouble() * width);
                    boolean alsoInALaterEpoch = ranges.stream()
                            .anyMatch(later -> later.epoch() > range.epoch() && later.fromMicros() <= micros);
                    if (alsoInALaterEpoch) {
                        continue;
                    }
                    Optional<TransactionEnd> found = resolve(resolver, new RestoreTo.Time(Micros.toInstant(micros)));
                    assertThat(rows(history, found.orElseThrow()))
                            .as("at %s", micros)
                            .isEqualTo(expected(range.epoch(), micros).rows());
                }
            }
        }

        private ModelSource.State expected(int epoch, long micros) {
            Optional<ModelSource.State> last = Optional.empty();
            for (ModelSource.State state : source.states()) {
                if (state.end().at().epoch() == epoch) {
                    if (state.end().committedAtMicros() > micros) {
                        break;
                    }
                    last = Optional.of(state);
                }
            }
            return last.orElseThrow();
        }

        private Optional<TransactionEnd> resolve(TargetResolver resolver, RestoreTo to) {
            try {
                return Optional.of(resolver.resolve(to));
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.NOT_FOUND) {
                    fail("resolving " + to, e);
                }
                return Optional.empty();
            }
        }

        private TreeMap<Integer, String> rows(SourceHistory history, TransactionEnd end) throws IOException {
            TreeMap<Integer, String> rows = new TreeMap<>();
            for (RepositoryState.CollectionState collection :
                    RepositoryState.at(repository, history, end).collections()) {
                try (FanIn inputs = collection.inputs(spools)) {
                    new ChangeMerger(
                                    collection.rows(), inputs.inputs(), end.at().offset())
                            .merge((key, row, offset, index, count) -> ModelSource.read(row, rows));
                }
            }
            return rows;
        }
    }
}

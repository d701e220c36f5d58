package io.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Micros;
import io.tidemark.model.Position;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TransactionEnd;
import io.tidemark.plan.Stretch;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.ObjectRef;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.Spool;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.section.SectionFileWriter;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.testbed.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The transaction a time chooses, with commit times out of order, against PostgreSQL's own rule: recovery stops before
 * the first commit record whose time is later than recovery_target_time (recoveryStopsBefore in xlogrecovery.c).
 */
class PrefixRuleTest {
    @Property(tries = 60)
    void timePicksWhatRecoveryTargetTimeWould(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int count,
            @ForAll @IntRange(min = 1, max = 9) int perSegment)
            throws IOException {
        Random random = new Random(seed);
        List<TransactionEnd> log = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            // The clock goes on, but commits overtake each other.
            long time = 1_000_000L + i * 10L + random.nextInt(60) - 30;
            log.add(new TransactionEnd(new Position(0, i * 2L), time, "x" + i, "0/" + Integer.toHexString(100 + i)));
        }
        Path directory = Directories.create("prefix");
        try (Repository repository = NewRepository.make(new FileObjectStore(directory), Optional.empty())) {
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            write(log, perSegment, random, repository, catalog, directory.resolve("spool"));
            TargetResolver resolver = new TargetResolver(repository, catalog.history("s"));
            for (long time = 1_000_000L - 40; time < 1_000_000L + count * 10L + 40; time += 1 + random.nextInt(7)) {
                long target = time;
                Optional<TransactionEnd> expected = lastBeforeFirstLaterThan(log, target);
                boolean decided = log.stream().anyMatch(end -> end.committedAtMicros() > target);
                boolean afterCopy = target >= log.get(0).committedAtMicros();
                RestoreTo to = new RestoreTo.Time(Micros.toInstant(target));
                if (decided && afterCopy && expected.isPresent()) {
                    assertThat(resolver.resolve(to)).isEqualTo(expected.get());
                } else {
                    assertThatThrownBy(() -> resolver.resolve(to))
                            .isInstanceOf(TidemarkException.class)
                            .hasMessageContaining(decided ? "before the oldest" : "");
                }
            }
            for (TransactionEnd end : log) {
                assertThat(resolver.resolve(new RestoreTo.At(end.at()))).isEqualTo(end);
                assertThat(resolver.resolve(new RestoreTo.Transaction(end.id())))
                        .isEqualTo(end);
                assertThat(resolver.resolve(new RestoreTo.Coordinate(end.coordinate())))
                        .isEqualTo(end);
            }
            assertThat(resolver.resolve(new RestoreTo.Latest())).isEqualTo(log.get(count - 1));
        } finally {
            Directories.delete(directory);
        }
    }

    private static Optional<TransactionEnd> lastBeforeFirstLaterThan(List<TransactionEnd> log, long micros) {
        Optional<TransactionEnd> last = Optional.empty();
        for (TransactionEnd end : log) {
            if (end.committedAtMicros() > micros) {
                break;
            }
            last = Optional.of(end);
        }
        return last;
    }

    /** Writes the log as segments, the first transaction being the initial copy; now and then a segment ends none. */
    private static void write(
            List<TransactionEnd> log,
            int perSegment,
            Random random,
            Repository repository,
            Catalog catalog,
            Path spools)
            throws IOException {
        long after = -1;
        for (int start = 0; start < log.size(); start += perSegment) {
            List<TransactionEnd> ends = log.subList(start, Math.min(log.size(), start + perSegment));
            Optional<TransactionEnd> copy = start == 0 ? Optional.of(log.get(0)) : Optional.empty();
            long through = ends.get(ends.size() - 1).at().offset();
            add(ends, copy, after, through, repository, catalog, spools);
            after = through;
            if (random.nextInt(4) == 0) {
                add(List.of(), Optional.empty(), after, after + 1, repository, catalog, spools);
                after++;
            }
        }
    }

    private static void add(
            List<TransactionEnd> ends,
            Optional<TransactionEnd> copy,
            long after,
            long through,
            Repository repository,
            Catalog catalog,
            Path spools)
            throws IOException {
        OptionalLong first =
                ends.stream().mapToLong(TransactionEnd::committedAtMicros).min();
        OptionalLong last =
                ends.stream().mapToLong(TransactionEnd::committedAtMicros).max();
        Optional<TransactionEnd> lastEnd = ends.stream().reduce((a, b) -> b);
        Stretch stretch = new Stretch(0, after, through, 1, 1, ends.size(), first, last, lastEnd, copy);
        try (Spool spool = Spool.create(spools)) {
            SectionFileWriter writer = new SectionFileWriter(spool.out());
            try (SectionFileWriter.TransactionWriter transactions = writer.transactions()) {
                for (TransactionEnd end : ends) {
                    transactions.add(end);
                }
            }
            writer.finish("s", 0, after, through);
            ObjectRef object = repository.put(tag -> RepositoryLayout.segment("s", stretch, tag), spool);
            catalog.commit(newest -> List.of(
                    new CatalogEntry.SourceAdded("s", "postgresql"),
                    new CatalogEntry.SegmentAdded("s", stretch, object)));
        }
    }
}

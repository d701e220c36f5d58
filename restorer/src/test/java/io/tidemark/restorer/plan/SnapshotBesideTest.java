package io.tidemark.restorer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.archiver.PartSizes;
import io.tidemark.archiver.Reencryption;
import io.tidemark.archiver.SnapshotBuilder;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.state.RepositoryVerification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot must not name parts of one that lost its place while it was built: they may be deleted any time. */
class SnapshotBesideTest {
    private static final PartSizes SMALL_PARTS = new PartSizes(400, 150, 60);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aSnapshotWhoseBaseWasWrittenAnewMeanwhileIsBuiltAgain() throws Exception {
        Path spools = directory.resolve("spool");
        try (Repository repository = NewRepository.make(
                new FileObjectStore(directory.resolve("repo")),
                Optional.of(KeyText.create(directory.resolve("key"))))) {
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            ModelSource source = new ModelSource(new Random(1), repository, List.of(catalog), spools);
            source.beginEpoch();
            source.segment();
            build(new SnapshotBuilder(repository, catalog, spools, () -> false, SMALL_PARTS));
            source.segment();
            AtomicBoolean first = new AtomicBoolean(true);
            SnapshotBuilder disturbed = new SnapshotBuilder(
                    repository,
                    catalog,
                    spools,
                    () -> {
                        if (first.getAndSet(false)) {
                            writeAnew(repository, spools);
                        }
                        return false;
                    },
                    SMALL_PARTS);

            assertThatThrownBy(() -> build(disturbed))
                    .isInstanceOf(TidemarkException.class)
                    .hasMessageContaining("written again meanwhile");
            build(disturbed);

            assertThat(new RepositoryVerification(repository, catalog)
                            .run(RepositoryVerification.Level.FULL, 1, (object, done, total) -> {})
                            .problems())
                    .isEmpty();
            assertThat(catalog.history(ModelSource.NAME).snapshots()).hasSize(2);
        }
    }

    private static void build(SnapshotBuilder builder) throws IOException {
        builder.build(ModelSource.NAME, (collection, rows, done, total) -> {});
    }

    private static void writeAnew(Repository repository, Path spools) {
        try {
            Catalog beside = Catalog.load(repository, Clock.systemUTC());
            beside.changeKey();
            new Reencryption(repository, beside, spools, () -> false, (objects, bytes) -> {}).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.tidemark.repository.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.plan.Stretch;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalog is a chain: two writers cannot both win, and whatever is done to it is seen. */
class CatalogTest {
    @TempDir
    private Path directory = Path.of("");

    private FileObjectStore store = new FileObjectStore(Path.of(""));

    @BeforeEach
    void open() {
        store = new FileObjectStore(directory);
        NewRepository.make(store, Optional.empty());
    }

    private Catalog load() {
        return Catalog.load(Repository.open(store, Optional.empty()), Clock.systemUTC());
    }

    private static CatalogEntry stretch(long after, long through) {
        return new CatalogEntry.HorizonMoved(
                "shop",
                new Stretch(
                        0,
                        after,
                        through,
                        1,
                        0,
                        0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void twoWritersBothGetTheirCommitsInOneOrder() {
        Catalog one = load();
        Catalog two = load();

        one.commit(newest -> List.of(stretch(-1, 5)));
        two.commit(newest -> List.of(stretch(5, 9)));
        one.commit(newest -> List.of(stretch(9, 12)));

        assertThat(load().sequence()).isEqualTo(3);
        assertThat(load().history("shop").horizon().orElseThrow().offset()).isEqualTo(12);
    }

    @Test
    void aWriterThatComesTooLateLooksAgain() {
        Catalog one = load();
        Catalog two = load();
        one.commit(newest -> List.of(stretch(-1, 5)));

        boolean committed = two.commit(newest -> newest.knows("shop") ? List.of() : List.of(stretch(-1, 5)));

        assertThat(committed).isFalse();
        assertThat(load().sequence()).isEqualTo(1);
    }

    @Test
    void theHorizonEndsAtAHole() {
        Catalog catalog = load();
        catalog.commit(newest -> List.of(stretch(-1, 5), stretch(9, 12)));

        assertThat(catalog.history("shop").horizon().orElseThrow().offset()).isEqualTo(5);
        catalog.commit(newest -> List.of(stretch(5, 9)));
        assertThat(catalog.history("shop").horizon().orElseThrow().offset()).isEqualTo(12);
    }

    @Test
    void aMissingCommitIsSeen() throws Exception {
        Catalog catalog = load();
        for (int i = 0; i < 3; i++) {
            long at = i;
            catalog.commit(newest -> List.of(stretch(at - 1, at)));
        }
        Files.delete(directory.resolve(RepositoryLayout.commit(2).text()));

        assertThatThrownBy(this::load).hasMessageContaining("000000000002").hasMessageContaining("missing");
    }

    @Test
    void aCommitThatWasRewrittenIsSeenByTheNextOne() throws Exception {
        Catalog catalog = load();
        for (int i = 0; i < 3; i++) {
            long at = i;
            catalog.commit(newest -> List.of(stretch(at - 1, at)));
        }
        Path commit = directory.resolve(RepositoryLayout.commit(2).text());
        Files.writeString(commit, Files.readString(commit).replace("\"bytes\":1", "\"bytes\":2"));

        assertThatThrownBy(this::load).hasMessageContaining("000000000003").hasMessageContaining("does not follow");
    }

    /** Servers that keep objects in a file system show what a cut upload leaves there. */
    @Test
    void whatACutUploadLeavesBesideCommitsAndCheckpointsIsNoPartOfThem() throws Exception {
        Catalog catalog = load();
        catalog.commit(newest -> List.of(stretch(-1, 5)));
        catalog.checkpoint(1);
        catalog.commit(newest -> List.of(stretch(5, 9)));
        for (ObjectName name : List.of(RepositoryLayout.commit(2), RepositoryLayout.checkpoint(1))) {
            Files.writeString(directory.resolve(name + "-e73ed7b4-62b0-4ae3-a0b0-8cf127fca19b"), "{");
        }

        assertThat(load().head()).isEqualTo(catalog.head()).isEqualTo(whole().head());
    }

    @Test
    void aCheckpointGivesTheSameAsAllCommits() {
        Catalog catalog = load();
        catalog.commit(newest -> List.of(stretch(-1, 5)));
        catalog.commit(newest -> List.of(stretch(5, 9)));
        assertThat(catalog.checkpoint(2)).isTrue();
        assertThat(catalog.checkpoint(1)).isFalse();
        catalog.commit(newest -> List.of(stretch(9, 12)));

        assertThat(load().history("shop").contiguous(0))
                .isEqualTo(whole().history("shop").contiguous(0))
                .hasSize(3);
        assertThat(load().head()).isEqualTo(whole().head());
    }

    private Catalog whole() {
        return Catalog.loadWhole(Repository.open(store, Optional.empty()), Clock.systemUTC());
    }

    @Test
    void aCheckpointOfOtherCommitsIsSeen() throws Exception {
        Catalog catalog = load();
        catalog.commit(newest -> List.of(stretch(-1, 5)));
        catalog.checkpoint(1);
        Path commit = directory.resolve(RepositoryLayout.commit(1).text());
        Files.writeString(commit, Files.readString(commit).replace("\"bytes\":1", "\"bytes\":2"));

        assertThatThrownBy(this::load).hasMessageContaining("000000000001").hasMessageContaining("checkpoints/");
    }

    @Test
    void anAnchorSeesACatalogThatWasWrittenAnew() throws Exception {
        Catalog catalog = load();
        for (int i = 0; i < 3; i++) {
            long at = i;
            catalog.commit(newest -> List.of(stretch(at - 1, at)));
        }
        Repository repository = Repository.open(store, Optional.empty());
        Anchor anchor = Anchor.of(repository, catalog, 0);
        anchor.check(repository, whole());
        catalog.commit(newest -> List.of(stretch(2, 3)));
        anchor.check(repository, whole());

        // Whoever holds the key writes another history of the same length; its chain is in order.
        for (int i = 1; i <= 4; i++) {
            Files.delete(directory.resolve(RepositoryLayout.commit(i).text()));
        }
        Catalog forged = load();
        for (int i = 0; i < 4; i++) {
            long at = i;
            forged.commit(newest -> List.of(stretch(2 * at - 1, 2 * at + 1)));
        }
        assertThat(whole().sequence()).isEqualTo(4);
        assertThatThrownBy(() -> anchor.check(repository, whole())).hasMessageContaining("written anew");

        Files.delete(directory.resolve(RepositoryLayout.commit(4).text()));
        Files.delete(directory.resolve(RepositoryLayout.commit(3).text()));
        assertThatThrownBy(() -> anchor.check(repository, whole())).hasMessageContaining("is not there");
    }

    @Test
    void aCommitPutInAnothersPlaceIsSeen() throws Exception {
        Catalog catalog = load();
        for (int i = 0; i < 3; i++) {
            long at = i;
            catalog.commit(newest -> List.of(stretch(at - 1, at)));
        }
        Files.copy(
                directory.resolve(RepositoryLayout.commit(1).text()),
                directory.resolve(RepositoryLayout.commit(2).text()),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(this::load).hasMessageContaining("does not follow");
    }
}

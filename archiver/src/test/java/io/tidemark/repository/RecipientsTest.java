package io.tidemark.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Json;
import io.tidemark.model.Sha256;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.Commit;
import io.tidemark.repository.crypto.ChunkedAead;
import io.tidemark.repository.crypto.DataKey;
import io.tidemark.repository.crypto.ForgedKeys;
import io.tidemark.repository.crypto.KeyEncryptionKey;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows for recipients: who writes cannot read, and nobody else becomes a recipient. */
class RecipientsTest {
    private static final ObjectName NAME = new ObjectName("s/segments/1.seg");
    private static final byte[] ROWS = "a row".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory = Path.of("");

    private ObjectStore store = new FileObjectStore(Path.of(""));
    private KeySource host = new KeySource.Passphrase("");
    private KeySource reader = new KeySource.Passphrase("");
    private ObjectRef object = new ObjectRef(NAME, 0, Sha256.NONE);

    @BeforeEach
    void writeSomething() throws Exception {
        store = new FileObjectStore(directory.resolve("repo"));
        host = KeyText.create(directory.resolve("host.key"));
        reader = new KeySource.File(directory.resolve("reader.key"));
        KeySource recipient = KeyText.createPair(directory.resolve("reader.key"));
        NewRepository.make(store, Optional.of(host), List.of(recipient)).close();
        object = write("s/segments/1.seg");
    }

    private ObjectRef write(String name) throws Exception {
        try (Repository repository = Repository.open(store, Optional.of(host))) {
            Catalog.load(repository, Clock.systemUTC());
            ObjectRef ref = repository.put(tag -> new ObjectName(name), ROWS);
            commit(repository, name);
            return ref;
        }
    }

    private static void commit(Repository repository, String source) {
        Catalog.load(repository, Clock.systemUTC())
                .commit(newest -> List.of(new CatalogEntry.SourceAdded(source, "postgresql")));
    }

    private void assertReads(KeySource key, ObjectRef ref) throws Exception {
        try (Repository repository = Repository.open(store, Optional.of(key))) {
            assertThat(repository.read(ref)).isEqualTo(ROWS);
        }
    }

    private KeyRing keys() {
        return KeyRing.of(store, Clock.systemUTC());
    }

    @Test
    void theHostReadsTheCatalogAndNoRows() throws Exception {
        try (Repository repository = Repository.open(store, Optional.of(host))) {
            assertThat(repository.opensRows()).isFalse();
            assertThat(Catalog.load(repository, Clock.systemUTC()).sequence()).isOne();
            assertThatThrownBy(() -> repository.read(object))
                    .hasMessageContaining("only the private key of a recipient");
            ObjectRef own = repository.put(tag -> new ObjectName("s/segments/own.seg"), ROWS);
            assertThatThrownBy(() -> repository.read(own)).hasMessageContaining("only the private key of a recipient");
        }
        assertReads(reader, object);
        try (Repository repository = Repository.open(store, Optional.of(reader))) {
            assertThat(repository.opensRows()).isTrue();
            commit(repository, "by the reader");
        }
        assertThat(keys().list())
                .extracting(WrappedKey::kind)
                .containsExactlyInAnyOrder(WrappedKey.Kind.KEY, WrappedKey.Kind.RECIPIENT);
    }

    @Test
    void aNewRecipientReadsWhatWasWrittenBeforeIfARecipientAddsIt() throws Exception {
        KeySource second = new KeySource.File(directory.resolve("second.key"));
        KeySource recipient = KeyText.createPair(directory.resolve("second.key"));

        assertThat(keys().add(host, recipient).closed()).isOne();
        assertThatThrownBy(() -> assertReads(second, object)).hasMessageContaining("does not open");
        assertReads(second, write("s/segments/2.seg"));
        KeyRing.Added added = keys().add(reader, recipient);

        assertThat(added.closed()).isZero();
        assertReads(second, object);
        assertThat(keys().list()).hasSize(3);
    }

    @Test
    void aRetiredRecipientReadsNothingAndTheLastStays() throws Exception {
        KeySource second = new KeySource.File(directory.resolve("second.key"));
        UUID slot = keys().add(reader, KeyText.createPair(directory.resolve("second.key")))
                .wrap()
                .slot();
        assertReads(second, object);

        keys().retire(slot);

        assertThatThrownBy(() -> assertReads(second, object)).hasMessageContaining("none of the keys");
        assertReads(reader, object);
        UUID last = keys().list().stream()
                .filter(wrap -> wrap.kind() == WrappedKey.Kind.RECIPIENT)
                .findFirst()
                .orElseThrow()
                .slot();
        assertThatThrownBy(() -> keys().retire(last)).hasMessageContaining("could read the rows, ever");
    }

    /** Who can write to the store must not be able to make himself a recipient. */
    @Test
    void aRecipientThatNoHolderOfAKeyAddedGetsNothing() throws Exception {
        NewRepository.make(
                        new FileObjectStore(directory.resolve("evil")),
                        Optional.of(host),
                        List.of(KeyText.createPair(directory.resolve("evil.key"))))
                .close();
        WrappedKey evil = KeyRing.of(new FileObjectStore(directory.resolve("evil")), Clock.systemUTC()).list().stream()
                .filter(wrap -> wrap.kind() == WrappedKey.Kind.RECIPIENT)
                .findFirst()
                .orElseThrow();
        WrappedKey ours = keys().list().get(0);
        WrappedKey smuggled = new WrappedKey(
                1,
                ours.key(),
                evil.slot(),
                evil.kind(),
                evil.hint(),
                evil.createdAtMicros(),
                evil.argon2id(),
                evil.recipient(),
                evil.nonce(),
                evil.wrapped());
        Files.write(
                directory.resolve("repo").resolve("keys/" + ours.key().id() + "/" + evil.slot() + ".json"),
                Json.bytes(smuggled));

        assertThatThrownBy(() -> write("s/segments/3.seg")).hasMessageContaining("was not added by anybody");
    }

    /** Anybody can wrap a key for a public key; commits under such a key are not believed. */
    @Test
    void aDataKeyThatNoHolderOfAKeyMadeIsRefused() throws Exception {
        UUID first;
        UUID repositoryId;
        Commit forged;
        try (Repository repository = Repository.open(store, Optional.of(reader))) {
            first = repository.identity().keyId().orElseThrow();
            repositoryId = repository.identity().repositoryId();
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            forged = new Commit(2, catalog.head(), 0, List.of());
        }
        DataKey evil = ForgedKeys.inPlaceOf(first);
        KeySource recipient = new KeySource.Given(
                "the public key",
                Files.readAllLines(directory.resolve("reader.key")).get(0).replace("# public key: ", ""));
        new KeyRing(store, Clock.systemUTC()).put(KeyEncryptionKey.of(recipient).wrap(evil, UUID.randomUUID(), 0));
        byte[] json = Json.bytes(forged);
        ObjectName name = RepositoryLayout.commit(2);
        store.putIfAbsent(
                name,
                new ChunkedAead(evil, repositoryId, (id, object) -> evil)
                        .seal(name, ObjectContent.of(json), Sha256.of(json)));

        try (Repository repository = Repository.open(store, Optional.of(reader))) {
            assertThatThrownBy(() -> Catalog.load(repository, Clock.systemUTC()))
                    .hasMessageContaining("nobody made who holds a key");
        }
    }

    /** Commits are read at once, and each may be the first to name a key. */
    @Test
    void manyThreadsOpenAKeyAtOnce() throws Exception {
        for (int i = 0; i < 40; i++) {
            write("s/segments/" + (10 + i) + ".seg");
        }
        for (int i = 0; i < 20; i++) {
            try (Repository repository = Repository.open(store, Optional.of(host))) {
                Catalog.load(repository, Clock.systemUTC()).changeKey();
            }
        }
        for (int i = 0; i < 5; i++) {
            try (Repository repository = Repository.open(store, Optional.of(reader))) {
                assertThat(Catalog.loadWhole(repository, Clock.systemUTC()).sequence())
                        .isEqualTo(61);
            }
        }
    }

    @Test
    void aPublicKeyOpensNothingAndAnotherKeyIsNoRecipient() {
        KeySource pair = KeyText.createPair(directory.resolve("other.key"));

        assertThatThrownBy(() -> assertReads(pair, object)).hasMessageContaining("none of the keys");
        assertThatThrownBy(() -> NewRepository.make(
                        new FileObjectStore(directory.resolve("new")), Optional.of(host), List.of(host)))
                .hasMessageContaining("is not the public key of a recipient");
        assertThat(directory.resolve("new/keys")).doesNotExist();
    }

    @Test
    void afterAChangeOfTheDataKeyTheFormerSealsNothing() throws Exception {
        try (Repository repository = Repository.open(store, Optional.of(host));
                Repository other = Repository.open(store, Optional.of(host))) {
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            Catalog late = Catalog.load(other, Clock.systemUTC());
            Optional<UUID> formerKey = other.find(new ObjectName("catalog/000000000001.json"))
                    .orElseThrow()
                    .keyId();
            UUID asideOfTheSuccessor = other.newDataKey();
            catalog.changeKey();

            commit(repository, "later");
            late.commit(newest -> List.of(new CatalogEntry.SourceAdded("by one who came late", "postgresql")));
            assertThat(other.find(new ObjectName("catalog/000000000004.json"))
                            .orElseThrow()
                            .keyId())
                    .isNotEqualTo(formerKey);
            ObjectRef anew = write("s/segments/4.seg");
            try (Repository read = Repository.open(store, Optional.of(reader))) {
                Catalog.load(read, Clock.systemUTC());
                assertThat(read.read(anew)).isEqualTo(ROWS);
                assertThat(read.isSealedAnew(anew.name())).isTrue();
                assertThat(read.isSealedAnew(NAME)).isFalse();
            }

            late.refresh();
            for (UUID key : List.of(formerKey.orElseThrow(), asideOfTheSuccessor)) {
                ObjectName name = RepositoryLayout.commit(late.sequence() + 1);
                other.putIfAbsent(name, commit(late), Optional.of(key));
                assertThatThrownBy(() -> Catalog.load(repository, Clock.systemUTC()))
                        .hasMessageContaining("not made in the place of the one before");
                store.delete(name);
            }
            Catalog.loadWhole(repository, Clock.systemUTC());
        }
    }

    private static byte[] commit(Catalog catalog) {
        return Json.bytes(new Commit(catalog.sequence() + 1, catalog.head(), 0, List.of()));
    }
}

package io.tidemark.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.Sha256;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.repository.crypto.KmsSettings;
import io.tidemark.repository.crypto.WrappedKey;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.testbed.s3.KeyService;
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

/** Several keys for one repository: each opens all of it, and taking one away leaves the data as it is. */
class KeyRingTest {
    private static final ObjectName NAME = new ObjectName("s/segments/1.seg");
    private static final byte[] SECRET = "what nobody shall read".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory = Path.of("");

    private ObjectStore store = new FileObjectStore(Path.of(""));
    private KeySource first = new KeySource.Passphrase("");
    private ObjectRef object = new ObjectRef(new ObjectName("x"), 0, Sha256.NONE);

    @BeforeEach
    void makeARepository() throws Exception {
        store = new FileObjectStore(directory.resolve("repo"));
        first = KeyText.create(directory.resolve("first.key"));
        try (Repository repository = NewRepository.make(store, Optional.of(first))) {
            object = repository.put(tag -> NAME, SECRET);
        }
    }

    private void assertOpens(KeySource source) throws Exception {
        try (Repository repository = Repository.open(store, Optional.of(source))) {
            assertThat(repository.read(object)).isEqualTo(SECRET);
        }
    }

    private KeyRing keys() {
        return KeyRing.of(store, Clock.systemUTC());
    }

    @Test
    void eachKindOfKeyOpensTheSameData() throws Exception {
        KeySource passphrase = new KeySource.Passphrase("correct horse");
        KeySource command = new KeySource.Command("cat " + directory.resolve("first.key"));
        KeySource given = new KeySource.Given("TIDEMARK_KEY", Files.readString(directory.resolve("first.key")));
        keys().add(first, passphrase);

        assertOpens(first);
        assertOpens(passphrase);
        assertOpens(command);
        assertOpens(given);
        assertThatThrownBy(() -> assertOpens(new KeySource.Passphrase("wrong horse")))
                .hasMessageContaining("wrong key")
                .hasMessageNotContaining("horse");
    }

    @Test
    void aKeyServiceWrapsWithoutTheKeyEverLeavingIt() throws Exception {
        try (KeyService service = new KeyService()) {
            KeySource kms = kms("alias/backup", service);
            keys().add(first, kms);

            assertOpens(kms);
            assertThatThrownBy(() -> assertOpens(kms("alias/other", service))).hasMessageContaining("wrong key");
        }
    }

    private static KeySource kms(String id, KeyService service) {
        return new KeySource.Kms(new KmsSettings(id, Optional.of("us-east-1"), Optional.of(service.endpoint())));
    }

    @Test
    void whatACutUploadLeavesBesideAKeyIsNone() throws Exception {
        WrappedKey key = keys().list().get(0);
        Path beside = directory.resolve("repo/" + RepositoryLayout.key(key.key(), key.slot()) + "-e73ed7b4");
        Files.writeString(beside, "{");

        assertOpens(first);
        assertThat(keys().list()).containsExactly(key);
    }

    @Test
    void aRetiredKeyOpensNothingAndDataIsNotRewritten() throws Exception {
        KeySource second = KeyText.create(directory.resolve("second.key"));
        byte[] before = Files.readAllBytes(directory.resolve("repo").resolve("s/segments/1.seg"));
        WrappedKey old = keys().list().get(0);
        keys().add(first, second);

        keys().retire(old.slot());

        assertOpens(second);
        assertThatThrownBy(() -> assertOpens(first)).hasMessageContaining("none of the keys");
        assertThat(Files.readAllBytes(directory.resolve("repo").resolve("s/segments/1.seg")))
                .isEqualTo(before);
    }

    @Test
    void theLastKeyStays() {
        List<WrappedKey> all = keys().list();

        assertThatThrownBy(() -> keys().retire(all.get(0).slot())).hasMessageContaining("only one");
        assertThatThrownBy(() -> keys().retire(UUID.randomUUID())).hasMessageContaining("has no key");
        assertThat(keys().list()).isEqualTo(all);
    }

    @Test
    void aKeyCommandThatFailsIsNamed() {
        assertThatThrownBy(() -> assertOpens(new KeySource.Command("exit 7")))
                .hasMessageContaining("exit 7")
                .hasMessageContaining("ended with 7");
        assertThatThrownBy(() -> assertOpens(new KeySource.Command("echo nonsense")))
                .hasMessageContaining("is not a Tidemark key");
    }
}

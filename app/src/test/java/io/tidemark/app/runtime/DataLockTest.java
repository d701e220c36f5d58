package io.tidemark.app.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataLockTest {
    @TempDir
    private Path data;

    private UUID identity(String suffix) throws IOException {
        try (DataLock lock = DataLock.take(data, suffix)) {
            return lock.identity();
        }
    }

    @Test
    void hasTheSameIdentityEachTimeAndAnotherForEachSuffix() throws IOException {
        UUID first = identity("");

        assertThat(identity("")).isEqualTo(first);
        assertThat(identity("-archiver")).isNotEqualTo(first).isEqualTo(identity("-archiver"));
    }

    /** A machine that loses power may leave a part of it, or zeros. */
    @Test
    void replacesAnIdentityThatWasNotWrittenWhole() throws IOException {
        String whole = identity("").toString();
        for (String left : List.of(whole.substring(0, 20), "\0".repeat(whole.length()))) {
            Files.writeString(data.resolve("lock"), left);

            UUID replaced = identity("");

            assertThat(replaced).isNotEqualTo(UUID.fromString(whole)).isEqualTo(identity(""));
        }
    }

    @Test
    void isTakenOnce() throws IOException {
        try (DataLock lock = DataLock.take(data, "")) {
            assertThatThrownBy(() -> DataLock.take(data, ""))
                    .isInstanceOf(TidemarkException.class)
                    .hasMessageContaining("another Tidemark runs in " + data);
        }
    }
}

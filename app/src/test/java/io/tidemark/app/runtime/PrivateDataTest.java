package io.tidemark.app.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.repository.Spool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the data directory holds, rows and passwords among it, is nobody's but its owner's. */
class PrivateDataTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void letOthersComeSoFar() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void define(Path data) {
        new SourceDefinitions(data)
                .put(new SourceDefinition("shop", "postgresql", "postgresql://h/d", Optional.of("secret"), List.of()));
    }

    @Test
    void whateverMakesTheDirectoryClosesIt() throws Exception {
        define(directory.resolve("defined"));
        DataLock.take(directory.resolve("locked"), "").close();
        Spool.create(directory.resolve("spooled").resolve("spool")).close();
        new ServiceReports(directory.resolve("reported")).write(new ServiceState(1, "ingest", 0, List.of()));

        for (String name : List.of("defined", "locked", "spooled", "reported")) {
            assertThat(permissions(directory.resolve(name))).as(name).isEqualTo("rwx------");
        }
    }

    @Test
    void aDirectoryThatWasOpenIsClosedAtTheStart() throws Exception {
        Path data = Files.createDirectory(
                directory.resolve("data"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        DataLock.take(data, "").close();

        assertThat(permissions(data)).isEqualTo("rwx------");
    }

    @Test
    void anotherUserReadsNothing() throws Exception {
        assumeTrue(Files.getOwner(directory).getName().equals("root"), "only root becomes somebody else");
        Path data = directory.resolve("data");
        define(data);
        DataLock.take(data, "").close();

        Process other = new ProcessBuilder(
                        "setpriv",
                        "--reuid=65534",
                        "--regid=65534",
                        "--clear-groups",
                        "cat",
                        data.resolve("sources").resolve("shop.json").toString())
                .redirectErrorStream(true)
                .start();

        assertThat(new String(other.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("Permission denied")
                .doesNotContain("secret");
        assertThat(other.waitFor()).isNotZero();
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Older snapshots move to another place and stay restorable. The rules themselves are tried by EveryMomentTest. */
@Tag("full")
class ArchiveTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @Test
    void olderSnapshotsMoveAndAreRestoredFromThere() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (0, 'first')");
        Installation tidemark = Installation.of(testbed, server, shop);
        List<Moment> moments = new ArrayList<>();
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (int i = 1; i <= 3; i++) {
                server.execute(shop, "UPDATE t SET v = 'v" + i + "'", "INSERT INTO t VALUES (" + i + ", 'new')");
                tidemark.must("create");
                moments.add(Moment.record(server, shop, testbed.resolve("m" + i)));
                tidemark.must("create", "--incremental");
            }
        }
        Path archive = testbed.resolve("archive");
        String place = "file:" + archive;
        String[] prune = {"prune", "--archive-after", "0s", "--grace", "0s"};
        assertThat(tidemark.run(prune).err()).contains("name its place with archive");
        Outcome own = tidemark.run(with(prune, "--archive", "file:" + tidemark.repository()));
        assertThat(own.exitCode()).isEqualTo(2);
        assertThat(own.err()).contains("an archive needs a place of its own");
        assertThat(tidemark.must(with(prune, "--archive", place, "--dry-run")).out())
                .contains("goes to the archive");

        tidemark.must(with(prune, "--archive", place));
        Path part = parts(archive).get(0);
        Path here = tidemark.repository().resolve(archive.relativize(part));
        byte[] bytes = Files.readAllBytes(part);
        Files.delete(part);
        tidemark.set("prune.orphan.age", "0s");
        tidemark.must(with(prune, "--archive", place));
        assertThat(here).as("what the archive lost").exists();
        Files.write(part, bytes);
        tidemark.must(with(prune, "--archive", place));
        assertThat(here).doesNotExist();

        assertThat(tidemark.must("list").out()).contains("archive " + place);
        assertThat(tidemark.must("verify").err()).contains("needs the archive they are in");
        server.createDatabase("elsewhere");
        Outcome without = tidemark.run(
                "restore",
                "--target",
                server.url("elsewhere"),
                "--to-lsn",
                moments.get(0).lsn());
        assertThat(without.exitCode()).isEqualTo(3);
        assertThat(without.err()).contains("was moved to an archive");
        tidemark.set("archive", "s3://nobody/there?endpoint=http://127.0.0.1:9&path.style=true&region=none")
                .set("s3.attempts", "1");
        tidemark.must("list");
        tidemark.must("restore", "--dry-run");
        tidemark.set("archive", place);
        tidemark.must("verify");
        for (Moment moment : moments) {
            assertThat(moment.dump().difference(tidemark.restore(server, restored, "--to-lsn", moment.lsn())))
                    .isEmpty();
        }

        tidemark.must("prune", "--pitr-window", "0s", "--min-age-days", "0", "--grace", "0s");
        tidemark.must("prune", "--pitr-window", "0s", "--min-age-days", "0", "--grace", "0s");
        assertThat(parts(archive)).isEmpty();
        tidemark.must("verify");
    }

    private static List<Path> parts(Path store) throws Exception {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
    }
}

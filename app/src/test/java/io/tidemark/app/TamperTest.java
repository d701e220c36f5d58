package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What somebody who can write the repository, but has no key, could do to it, and that each of it is seen. */
@Tag("full")
class TamperTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");

    @Test
    void droppedReorderedReplayedRolledBackAndSwappedObjectsAreSeen() throws Exception {
        PostgresServer server = testbed.postgres();
        Installation one = backUp(server, "one");
        Installation two = backUp(server, "two");
        Path anchor = testbed.resolve("anchor.json");
        one.must("anchor", anchor.toString());
        one.must("verify", "--anchor", anchor.toString());
        List<Path> commits = commits(one);
        int count = commits.size();

        assertSeen(one, anchor, () -> Files.delete(commits.get(count / 2)));
        assertSeen(one, anchor, () -> swap(commits.get(2), commits.get(3)));
        assertSeen(one, anchor, () -> Files.copy(commits.get(1), next(commits.get(count - 1))));
        assertSeen(one, anchor, () -> Files.delete(commits.get(count - 1)));
        // Objects of the right name from another repository with the same key.
        assertSeen(one, anchor, () -> replace(commits.get(1), commits(two).get(1)));
        assertSeen(one, anchor, () -> replace(segment(one), segment(two)));
        assertSeen(
                one,
                anchor,
                () -> replace(
                        one.repository().resolve("tidemark.json"),
                        two.repository().resolve("tidemark.json")));
        // Another object of the same repository under the name.
        assertSeen(
                one,
                anchor,
                () -> replace(segment(one), segments(one).get(segments(one).size() - 1)));
        one.must("verify", "--anchor", anchor.toString());

        Outcome wrongAnchor = two.run("verify", "--anchor", anchor.toString());
        assertThat(wrongAnchor.exitCode()).isEqualTo(3);
        assertThat(wrongAnchor.err()).contains("the anchor is about the repository");
        assertThat(two.run("verify", "--anchor", "nowhere.json").exitCode()).isEqualTo(4);
    }

    private Installation backUp(PostgresServer server, String name) throws Exception {
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 100)");
        Installation tidemark = Installation.withOwnKafka(testbed, name);
        Path key = testbed.resolve("shared.key");
        if (!Files.exists(key)) {
            io.tidemark.repository.crypto.KeyText.create(key);
        }
        tidemark.set("key.file", "").set("key.command", "cat " + key);
        tidemark.withSource(shop, server.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            for (int i = 0; i < 3; i++) {
                server.execute(shop, "INSERT INTO t VALUES (" + (1000 + i) + ")");
                tidemark.must("create", "--incremental");
            }
        }
        tidemark.must("source", "remove", shop);
        return tidemark;
    }

    /** A change of the repository. */
    private interface Tampering {
        void run() throws IOException;
    }

    private void assertSeen(Installation tidemark, Path anchor, Tampering tampering) throws IOException {
        Path saved = testbed.resolve("saved");
        copy(tidemark.repository(), saved);
        tampering.run();

        Outcome outcome = tidemark.run("verify", "--anchor", anchor.toString());
        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(3);

        Directories.delete(tidemark.repository());
        copy(saved, tidemark.repository());
        Directories.delete(saved);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void swap(Path one, Path other) throws IOException {
        byte[] bytes = Files.readAllBytes(one);
        Files.write(one, Files.readAllBytes(other));
        Files.write(other, bytes);
    }

    private static void replace(Path target, Path by) throws IOException {
        Files.write(target, Files.readAllBytes(by));
    }

    private static Path next(Path commit) {
        String name = String.valueOf(commit.getFileName());
        long number = Long.parseLong(name.substring(0, 12)) + 1;
        return commit.resolveSibling(String.format(java.util.Locale.ROOT, "%012d.json", number));
    }

    private static List<Path> commits(Installation tidemark) throws IOException {
        try (Stream<Path> files = Files.list(tidemark.repository().resolve("catalog"))) {
            return files.sorted().toList();
        }
    }

    private List<Path> segments(Installation tidemark) throws IOException {
        try (Stream<Path> files = Files.list(tidemark.repository().resolve(shop + "/segments"))) {
            return files.sorted().toList();
        }
    }

    private Path segment(Installation tidemark) throws IOException {
        return segments(tidemark).get(0);
    }
}

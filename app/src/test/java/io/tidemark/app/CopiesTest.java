package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.s3.S3Proxy;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Copies of a repository: in a bucket, kept up to date beside the service, and in an emergency in its place. */
@Tag("full")
class CopiesTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");

    @Test
    void aMirrorInABucketRestoresLikeTheRepository() throws Exception {
        S3Proxy s3 = testbed.ownS3();
        PostgresServer server = testbed.postgres();
        server.createDatabase(bank);
        Installation tidemark = Installation.in(testbed)
                .set("mirror", s3.location("mirror"))
                .set("mirror.interval", "500ms")
                .set("compaction.fan.in", "3");
        tidemark.must("init");
        try (BankLoad load = new BankLoad(Connections.of(server, bank), Seed.value(), 20)) {
            load.createTables();
            tidemark.must("source", "add", bank, server.url(bank));
            load.start(4);
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(bank);
                tidemark.must("create");
                s3.pause();
                tidemark.must("create");
                s3.resume();
                tidemark.must("create");
                load.close();
            }
        }
        // A copy that is behind is a whole repository of some time ago.
        Directories.delete(testbed.resolve("behind"));
        tidemark.must("repo", "copy", "file:" + tidemark.repository(), "file:" + testbed.resolve("behind"));
        tidemark.must("create", "--offline");
        tidemark.must("prune");
        tidemark.must("list", "--repository", "file:" + testbed.resolve("behind"));
        tidemark.must("verify", "--repository", "file:" + testbed.resolve("behind"));
        Outcome again =
                tidemark.must("repo", "copy", "file:" + tidemark.repository(), s3.location("mirror"), "--delete");
        assertThat(again.out()).contains("commits copied");
        tidemark.set("mirror", "").set("repository", s3.location("mirror"));
        tidemark.must("verify");
        assertThat(tidemark.restore(server, restored).difference(tidemark.dump(server, bank)))
                .isEmpty();

        Installation other = Installation.in(testbed, "other");
        other.must("init");
        Outcome refused = other.run("repo", "copy", "file:" + other.repository(), "file:" + tidemark.repository());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("another repository");
    }

    @Test
    void aRetiredKeyIsTakenFromACopyWhenAskedForAndTheLastNever() throws Exception {
        Installation tidemark = Installation.in(testbed);
        tidemark.must("init");
        Path second = testbed.resolve("second.key");
        String from = "file:" + tidemark.repository();
        String to = "file:" + testbed.resolve("copy");
        tidemark.must("key", "add", "--new-key-file", second.toString());
        tidemark.must("repo", "copy", from, to);
        tidemark.must(
                "key", "rotate", "--new-key-file", testbed.resolve("third.key").toString());
        tidemark.set("key.file", second.toString());

        tidemark.must("repo", "copy", from, to);
        assertThat(files(testbed.resolve("copy/keys"))).isEqualTo(3);
        tidemark.must("repo", "copy", from, to, "--delete");
        assertThat(files(testbed.resolve("copy/keys"))).isEqualTo(2);

        Directories.delete(tidemark.repository().resolve("keys"));
        tidemark.run("repo", "copy", from, to, "--delete");
        assertThat(files(testbed.resolve("copy/keys"))).isEqualTo(2);
        tidemark.set("repository", to).must("verify");
    }

    @Test
    void anEmergencyMovesTheRepositoryAndTheServiceGoesOnThere() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 500)");
        Installation tidemark = Installation.of(testbed, server, shop);
        String to = "file:" + testbed.resolve("bigger");
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            tidemark.must("create");
            Outcome running = tidemark.run("emergency", "offload", to, "--yes");
            assertThat(running.exitCode()).isEqualTo(1);
            assertThat(running.err()).contains("stop it first");
        }
        Outcome unconfirmed = withInput("no\n", () -> tidemark.run("emergency", "offload", to));
        assertThat(unconfirmed.exitCode()).isEqualTo(1);
        assertThat(unconfirmed.err()).contains("nothing was deleted");
        assertThat(files(tidemark.repository())).isGreaterThan(5);

        Outcome moved = withInput("yes\n", () -> tidemark.run("emergency", "offload", to));
        assertThat(moved.exitCode()).as(moved.err()).isZero();
        assertThat(files(tidemark.repository())).isEqualTo(1);
        assertThat(tidemark.run("status").err()).contains("was moved to " + to);

        tidemark.set("repository", to);
        try (Service service = tidemark.start()) {
            server.execute(shop, "INSERT INTO t SELECT generate_series(501, 600)");
            tidemark.must("create");
        }
        tidemark.must("verify");
        assertThat(tidemark.restore(server, restored).difference(tidemark.dump(server, shop)))
                .isEmpty();
        assertThat(tidemark.must("timeline").out()).doesNotContain("gap");
    }

    /** Runs a command with something typed. */
    private static Outcome withInput(String text, java.util.function.Supplier<Outcome> command) {
        InputStream real = System.in;
        try {
            System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
            return command.get();
        } finally {
            System.setIn(real);
        }
    }

    private static long files(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}

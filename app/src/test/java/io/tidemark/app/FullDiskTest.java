package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A file system that really runs full under the repository, and is made larger later. */
@Tag("full")
class FullDiskTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @Test
    void aFullDiskStopsNothingForGood() throws Exception {
        Path disk = testbed.resolve("disk");
        Files.createDirectories(disk);
        assumeTrue(
                shell("mount", "-t", "tmpfs", "-o", "size=4m", "tidemark-test", disk.toString()),
                "a file system of a few megabytes cannot be mounted here");
        try {
            PostgresServer server = testbed.postgres();
            server.createDatabase(shop);
            server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (0, '')");
            Installation tidemark = Installation.in(testbed).set("repository", "file:" + disk.resolve("repo"));
            tidemark.withSource(shop, server.url(shop));
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(shop);
                server.execute(
                        shop,
                        "INSERT INTO t SELECT i, string_agg(md5(random()::text), '') FROM generate_series(1, 20000) i, "
                                + "generate_series(1, 20) GROUP BY i");
                assertThat(tidemark.run("create", "--incremental", "--wait", "5")
                                .exitCode())
                        .isNotZero();
                try (var files = Files.walk(disk)) {
                    assertThat(files.filter(file -> file.toString().endsWith(".json")))
                            .allMatch(file -> file.toFile().length() > 0);
                }
                assertThat(shell("mount", "-o", "remount,size=512m", disk.toString()))
                        .isTrue();
                tidemark.must("create", "--incremental", "--wait", "120");
            }
            DatabaseDump dump = tidemark.restore(server, restored);
            assertThat(tidemark.dump(server, shop).difference(dump)).isEmpty();
            tidemark.must("verify");
        } finally {
            shell("umount", disk.toString());
        }
    }

    private static boolean shell(String... command) throws Exception {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}

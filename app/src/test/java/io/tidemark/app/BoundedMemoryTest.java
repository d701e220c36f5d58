package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.fixture.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two gigabytes of rows go through every role with 256 MB of heap each. */
class BoundedMemoryTest {
    private static final long BYTES = Long.getLong("bounded.bytes", 2L << 30);
    private static final int ROW_BYTES = 1000;
    private static final String HEAP = "256m";

    @RegisterExtension
    final WorkDirectory work = new WorkDirectory("bounded");

    @Test
    void twoGigabytesAreCopiedSnapshottedAndRestoredWithSmallHeaps() throws Exception {
        int kafkaPort = Ports.free();
        int registryPort = Ports.free();
        Installation broker = new Installation(work.resolve("tidemark"))
                .set(Key.KAFKA_PORT.text(), Integer.toString(kafkaPort))
                .set(Key.REGISTRY_PORT.text(), Integer.toString(registryPort));
        Installation tidemark = new Installation(work.resolve("tidemark"))
                .set(Key.KAFKA_BOOTSTRAP_SERVERS.text(), "127.0.0.1:" + kafkaPort)
                .set(Key.REGISTRY_PORT.text(), Integer.toString(registryPort))
                .set(Key.SNAPSHOT_AFTER.text(), "0");
        long rows = BYTES / ROW_BYTES;
        try (PostgresServer server = Backends.postgres(work.resolve("source"))) {
            server.createDatabase("large");
            server.execute(
                    "large",
                    "SET synchronous_commit = off",
                    "CREATE TABLE filler (id bigint PRIMARY KEY, a text, b text, n int)",
                    "INSERT INTO filler SELECT i, repeat(md5(i::text), 16), repeat(md5((-i)::text), 14), i % 100 FROM generate_series(1, "
                            + rows + ") i");
            tidemark.must("init");
            tidemark.must("source", "add", "large", server.url("large"));
            try (RoleProcess kafka = RoleProcess.start(broker, "kafka,registry", HEAP);
                    RoleProcess ingest = RoleProcess.start(tidemark, "ingest", HEAP);
                    RoleProcess pipeline = RoleProcess.start(tidemark, "pipeline", HEAP);
                    RoleProcess archiver = RoleProcess.start(tidemark, "archiver", HEAP)) {
                tidemark.await(
                        "large", Duration.ofMinutes(10), h -> !h.snapshots().isEmpty());
                server.execute("large", "UPDATE filler SET n = n + 1 WHERE id % 20 = 0");
                tidemark.must("create", "--incremental", "--wait", "300");
                for (RoleProcess role : List.of(ingest, archiver, pipeline, kafka)) {
                    assertThat(role.stop()).isZero();
                }
            }

            assertThat(runWithSmallHeap(tidemark, "create", "--offline")).isZero();
            server.createDatabase("restored");
            assertThat(runWithSmallHeap(tidemark, "restore", "--target", server.url("restored")))
                    .isZero();

            String digest =
                    "SELECT count(*) || ' ' || sum(n) || ' ' || sum(hashtextextended(filler::text, 0)::numeric) FROM filler";
            assertThat(server.value("restored", digest)).isEqualTo(server.value("large", digest));
        }
    }

    private int runWithSmallHeap(Installation tidemark, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP,
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.tidemark.app.Main"));
        command.addAll(List.of(arguments));
        command.addAll(tidemark.flags());
        Path log = tidemark.directory().resolve(arguments[0] + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        Files.readAllLines(log).forEach(System.out::println);
        return process.exitValue();
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.cli.TidemarkCommand;
import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A backup host that cannot read what it writes, and a machine with the private key that does everything else. */
class RecipientsBackupTest {
    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("recipients");

    @Test
    void theHostWritesAndOnlyThePrivateKeyReads() throws Exception {
        try (PostgresServer server = Backends.postgres(work.resolve("postgres"))) {
            server.createDatabase("bank");
            Path privateKey = work.resolve("private.key");
            Installation host = new Installation(work.resolve("host"));
            assertThat(TidemarkCommand.execute("key", "generate", "--recipient", privateKey.toString()))
                    .isZero();
            String recipient = Files.readAllLines(privateKey).get(0).replace("# public key: ", "");
            host.must("init", "--recipient", recipient);
            Installation reader = new Installation(work.resolve("reader"))
                    .set("repository", "file:" + host.repository())
                    .set("key.file", privateKey.toString())
                    .set("compaction.fan.in", "3");
            List<Moment> moments = new ArrayList<>();
            try (BankLoad load = new BankLoad(server.connections("bank"), 5, 4)) {
                load.createTables();
                host.must("source", "add", "bank", server.url("bank"));
                load.start(4);
                try (Service service = host.start()) {
                    host.awaitCopy("bank");
                    for (int i = 0; i < 3; i++) {
                        moments.add(Moment.record(server, "bank", work.resolve("m" + i)));
                        Thread.sleep(1_500);
                    }
                    host.must("create", "--incremental");
                    assertThat(reader.must("compact", "--format", "json").out()).doesNotContain("\"runs_made\" : 0");
                    assertThat(reader.must("list", "--segments").out()).contains(" run ");
                    reader.must("create", "--offline");
                    reader.must("prune", "--grace", "0s");

                    host.must("key", "reencrypt");
                    assertThat(reader.run("key", "reencrypt").err()).contains("with --resume");
                    moments.add(Moment.record(server, "bank", work.resolve("m3")));
                    host.must("create", "--incremental");
                    reader.must("key", "reencrypt", "--resume");
                    reader.must("prune", "--grace", "0s");
                    load.close();
                }
            }
            assertThat(reader.must("key", "reencrypt", "--resume", "--format", "json")
                            .out())
                    .contains("\"objects_written\" : 0");
            server.createDatabase("elsewhere");
            Outcome restored = host.run("restore", "--target", server.url("elsewhere"));
            assertThat(restored.exitCode()).isEqualTo(1);
            assertThat(restored.err()).contains("only the private key of a recipient");
            host.must("status");
            assertThat(host.must("verify", "--level", "objects").err()).contains("needs the private key");
            for (Moment moment : moments) {
                assertThat(moment.dump().difference(reader.restore(server, "restored", "--to-lsn", moment.lsn())))
                        .isEmpty();
            }
            reader.must("verify");
        }
    }
}

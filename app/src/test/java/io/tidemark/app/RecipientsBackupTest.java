package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.cli.TidemarkCommand;
import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A backup host that cannot read what it writes, and a machine with the private key that does everything else. */
@Tag("full")
class RecipientsBackupTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");

    @Test
    void theHostWritesAndOnlyThePrivateKeyReads() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(bank);
        Path privateKey = testbed.resolve("private.key");
        Installation host = Installation.in(testbed, "host");
        assertThat(TidemarkCommand.execute("key", "generate", "--recipient", privateKey.toString()))
                .isZero();
        String recipient = Files.readAllLines(privateKey).get(0).replace("# public key: ", "");
        host.must("init", "--recipient", recipient);
        Installation reader = Installation.in(testbed, "reader")
                .set("repository", "file:" + host.repository())
                .set("key.file", privateKey.toString())
                .set("compaction.fan.in", "3");
        List<Moment> moments = new ArrayList<>();
        try (BankLoad load = new BankLoad(Connections.of(server, bank), Seed.value(), 20)) {
            load.createTables();
            host.must("source", "add", bank, server.url(bank));
            load.start(4);
            try (Service service = host.start()) {
                host.awaitCopy(bank);
                for (int i = 0; i < 3; i++) {
                    moments.add(Moment.record(server, bank, testbed.resolve("m" + i)));
                    host.must("create", "--incremental");
                }
                host.must("create", "--incremental");
                assertThat(reader.must("compact", "--format", "json").out()).doesNotContain("\"runs_made\" : 0");
                assertThat(reader.must("list", "--segments").out()).contains(" run ");
                reader.must("create", "--offline");
                reader.must("prune", "--grace", "0s");

                host.must("key", "reencrypt");
                assertThat(reader.run("key", "reencrypt").err()).contains("with --resume");
                moments.add(Moment.record(server, bank, testbed.resolve("m3")));
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
        Outcome outcome = host.run("restore", "--target", server.url("elsewhere"));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("only the private key of a recipient");
        host.must("list");
        assertThat(host.must("verify", "--level", "objects").err()).contains("needs the private key");
        for (Moment moment : moments) {
            assertThat(moment.dump().difference(reader.restore(server, restored, "--to-lsn", moment.lsn())))
                    .isEmpty();
        }
        reader.must("verify");
    }
}

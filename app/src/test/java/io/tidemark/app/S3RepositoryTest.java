package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.s3.S3Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A repository in a bucket: the same promises, whatever becomes of the server in between. */
@Tag("full")
class S3RepositoryTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");

    @Test
    void aBucketHoldsEverythingThoughItsServerWasAwayForAWhile() throws Exception {
        List<Moment> moments = new ArrayList<>();
        DatabaseDump last;
        S3Proxy s3 = testbed.ownS3();
        PostgresServer server = testbed.postgres();
        Installation tidemark =
                Installation.in(testbed).set("repository", s3.location(bank)).set("s3.attempts", "2");
        server.createDatabase(bank);
        try (BankLoad load = new BankLoad(Connections.of(server, bank), Seed.value(), 4)) {
            load.createTables();
            tidemark.withSource(bank, server.url(bank));
            load.start(4);
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(bank);
                moments.add(Moment.record(server, bank, testbed.resolve("m0")));
                s3.pause();
                moments.add(Moment.record(server, bank, testbed.resolve("m1")));
                Outcome outcome = tidemark.run("status");
                assertThat(outcome.exitCode()).isEqualTo(1);
                assertThat(outcome.err()).contains("s3://backup/" + bank).contains("no answer from the store");
                s3.resume();
                moments.add(Moment.record(server, bank, testbed.resolve("m2")));
                load.close();
                last = tidemark.dump(server, bank);
            }
        }
        tidemark.must("create", "--offline");
        for (Moment moment : moments) {
            DatabaseDump dump = tidemark.restore(server, restored, "--to-lsn", moment.lsn());
            assertThat(moment.dump().difference(dump)).isEmpty();
        }
        assertThat(last.difference(tidemark.restore(server, restored))).isEmpty();
        tidemark.must("verify");

        Path part = s3.file(bank, "catalog/000000000002.json");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length / 2] ^= 1;
        Files.write(part, bytes);
        assertThat(tidemark.run("verify").exitCode()).isEqualTo(3);
    }

    @Test
    void wrongPlacesAndWrongCredentialsAreSaid() throws Exception {
        S3Proxy s3 = testbed.s3();
        Installation tidemark = Installation.in(testbed);

        Outcome wrongKey =
                tidemark.set("repository", s3.location("x") + "&entpoint=y").run("init");
        assertThat(wrongKey.exitCode()).isEqualTo(2);
        assertThat(wrongKey.err()).contains("s3.entpoint").contains("did you mean 's3.endpoint'");

        Outcome noBucket = tidemark.set("repository", s3.location("x").replace(S3Proxy.BUCKET, "nothing"))
                .run("init");
        assertThat(noBucket.exitCode()).isEqualTo(1);
        assertThat(noBucket.err()).contains("the bucket does not exist");

        tidemark.set("repository", s3.location("x"));
        String right = System.getProperty("aws.secretAccessKey");
        try {
            System.setProperty("aws.secretAccessKey", "wrong");
            Outcome denied = tidemark.run("init");
            assertThat(denied.exitCode()).isEqualTo(1);
            assertThat(denied.err()).contains("check the credentials").doesNotContain("wrong");
        } finally {
            System.setProperty("aws.secretAccessKey", right);
        }
        Outcome nothing = tidemark.run("status");
        assertThat(nothing.exitCode()).isEqualTo(4);
        assertThat(nothing.err()).contains("no repository");
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Loads;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The product's promise, on a database under load, with nothing left but the repository and its key. */
@Tag("full")
class ExactRestoreTest {
    private final String bank = Names.unique("bank");
    private final String database = Names.unique("source");
    private final String restored = Names.unique("restored");

    private static final int MOMENTS = Effort.times(15);

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    @Test
    void restoresRandomMomentsUnderLoadFromTheRepositoryAlone() throws Exception {
        Installation tidemark = Installation.withOwnKafka(testbed, "tidemark");
        List<Moment> moments = new ArrayList<>();
        DatabaseDump last;
        try (PostgresServer source = testbed.ownPostgres(PostgresRelease.V18, "source")) {
            source.createDatabase(bank);
            try (BankLoad load = new BankLoad(Connections.of(source, bank), Seed.value(), 8)) {
                load.createTables();
                tidemark.withSource(bank, source.url(bank));
                load.start(8);
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy(bank);
                    recordMoments(source, load, moments);
                    load.close();
                    last = tidemark.dump(source, bank);
                }
            }
        }
        Directories.delete(tidemark.data());

        PostgresServer target = testbed.postgres();
        for (Moment moment : moments) {
            DatabaseDump dump = tidemark.restore(target, restored, "--to-lsn", moment.lsn());

            assertThat(moment.dump().difference(dump)).as("at %s", moment.lsn()).isEmpty();
            assertThat(target.value(restored, "SELECT balance FROM total")).isEqualTo("1000000.00");
        }
        assertThat(last.difference(tidemark.restore(target, restored, "--to", "latest")))
                .isEmpty();

        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    private void recordMoments(PostgresServer source, BankLoad load, List<Moment> moments) throws Exception {
        Random random = Seed.random();
        for (int i = 0; i < MOMENTS; i++) {
            if (i == MOMENTS / 3) {
                source.execute(
                        bank,
                        "BEGIN; INSERT INTO event SELECT now(), 'bulk', jsonb_build_object('n', i) FROM generate_series(1, 200000) i; COMMIT");
            }
            if (i == 2 * MOMENTS / 3) {
                source.execute(bank, "DELETE FROM event WHERE what = 'bulk'", "TRUNCATE transfer");
            }
            moments.add(Moment.record(source, bank, testbed.resolve("moments").resolve(Integer.toString(i))));
            Loads.awaitTransactions(load, random.nextInt(200));
        }
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.fixture.PostgresServer;
import io.tidemark.app.runtime.Service;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The product's promise, on a database under load, with nothing left but the repository and its key. */
class ExactRestoreTest {
    private static final int MOMENTS = 30;
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private Path work = Path.of("");

    @BeforeEach
    void makeWorkDirectory() throws Exception {
        work = Backends.workDirectory("exact");
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
    }

    @AfterEach
    void deleteWorkDirectory() throws Exception {
        Backends.delete(work);
    }

    @Test
    void restoresThirtyRandomMomentsUnderLoadFromTheRepositoryAlone() throws Exception {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        List<Moment> moments = new ArrayList<>();
        DatabaseDump last;
        try (PostgresServer source = Backends.postgres(work.resolve("source"))) {
            source.createDatabase("bank");
            try (BankLoad load = new BankLoad(source.connections("bank"), SEED, 8)) {
                load.createTables();
                tidemark.must("init");
                tidemark.must("source", "add", "bank", source.url("bank"));
                load.start(8);
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy("bank");
                    recordMoments(source, moments);
                    load.close();
                    last = tidemark.dump(source, "bank");
                }
            }
        }
        Backends.delete(tidemark.data());

        try (PostgresServer target = Backends.postgres(work.resolve("target"))) {
            for (Moment moment : moments) {
                DatabaseDump restored = tidemark.restore(target, "restored", "--to-lsn", moment.lsn());

                assertThat(moment.dump().difference(restored))
                        .as("at %s", moment.lsn())
                        .isEmpty();
                assertThat(target.value("restored", "SELECT balance FROM total"))
                        .isEqualTo("1000000.00");
            }
            assertThat(last.difference(tidemark.restore(target, "restored", "--to", "latest")))
                    .isEmpty();
        }
        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    private void recordMoments(PostgresServer source, List<Moment> moments) throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < MOMENTS; i++) {
            if (i == MOMENTS / 3) {
                source.execute(
                        "bank",
                        "BEGIN; INSERT INTO event SELECT now(), 'bulk', jsonb_build_object('n', i) FROM generate_series(1, 200000) i; COMMIT");
            }
            if (i == 2 * MOMENTS / 3) {
                source.execute("bank", "DELETE FROM event WHERE what = 'bulk'", "TRUNCATE transfer");
            }
            moments.add(Moment.record(source, "bank", work.resolve("moments").resolve(Integer.toString(i))));
            Thread.sleep(random.nextInt(600));
        }
    }
}

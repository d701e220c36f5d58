package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Backends;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.MariaDbDump;
import io.tidemark.app.fixture.MariaDbLoad;
import io.tidemark.app.fixture.MariaDbServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.app.runtime.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What ExactRestoreTest shows of PostgreSQL, of MariaDB: any moment under load, from the repository alone. */
class MariaDbExactRestoreTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int MOMENTS = 30;

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("mariadb-exact");

    @Test
    void restoresThirtyRandomMomentsUnderLoadFromTheRepositoryAlone() throws Exception {
        System.out.println("seed " + SEED + " (-Dseed=" + SEED + " repeats it)");
        Installation tidemark = new Installation(work.resolve("tidemark"));
        List<MariaDbDump> moments = new ArrayList<>();
        MariaDbDump last;
        try (MariaDbServer source = MariaDbServer.start(work.resolve("source"))) {
            source.createDatabase("bank");
            try (MariaDbLoad load = new MariaDbLoad(source.connections("bank"), SEED)) {
                load.createTables();
                tidemark.must("init");
                tidemark.must("source", "add", "bank", source.url("bank"));
                load.start(6);
                try (Service service = tidemark.start()) {
                    tidemark.awaitCopy("bank");
                    record(source, moments);
                    load.close();
                    last = MariaDbDump.of(source, "bank");
                }
            }
        }
        Backends.delete(tidemark.data());

        try (MariaDbServer target = MariaDbServer.start(work.resolve("target"))) {
            for (MariaDbDump moment : moments) {
                target.createDatabase("restored");
                tidemark.must("restore", "--target", target.url("restored"), "--to-binlog", moment.place());

                assertThat(moment.difference(MariaDbDump.of(target, "restored")))
                        .as("at %s", moment.place())
                        .isEmpty();
                assertThat(target.value("restored", "SELECT balance FROM total"))
                        .isEqualTo("100000.00");
            }
            tidemark.must("restore", "--target", target.url("restored"), "--allow-clear");
            assertThat(last.difference(MariaDbDump.of(target, "restored"))).isEmpty();
        }
        assertThat(tidemark.run("verify").exitCode()).isZero();
    }

    private static void record(MariaDbServer source, List<MariaDbDump> moments) throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < MOMENTS; i++) {
            if (i == MOMENTS / 3) {
                source.execute("bank", "INSERT INTO event (at, what) SELECT now(6), 'bulk' FROM seq_1_to_100000");
            }
            if (i == 2 * MOMENTS / 3) {
                source.execute("bank", "DELETE FROM event WHERE what = 'bulk'", "TRUNCATE TABLE transfer");
            }
            moments.add(MariaDbDump.of(source, "bank"));
            Thread.sleep(random.nextInt(400));
        }
    }
}

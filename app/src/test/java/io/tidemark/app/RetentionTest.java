package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.demo.BankLoad;
import io.tidemark.app.demo.DatabaseDump;
import io.tidemark.app.fixture.Connections;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.Moment;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.app.runtime.Service;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Archived;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Seed;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs, snapshots and prunes beside a service under load. The rules themselves are tried by EveryMomentTest. */
@Tag("full")
class RetentionTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String bank = Names.unique("bank");
    private final String restored = Names.unique("restored");

    @Test
    void momentsInTheWindowStayAndWhatIsBeforeItIsFreed() throws Exception {
        List<Moment> moments = new ArrayList<>();
        PostgresServer server = testbed.postgres();
        server.createDatabase(bank);
        Installation tidemark =
                Installation.in(testbed).set("compaction.fan.in", "3").set("prune.interval", "1s");
        tidemark.must("init");
        try (BankLoad load = new BankLoad(Connections.of(server, bank), Seed.value(), 20)) {
            load.createTables();
            tidemark.must("source", "add", bank, server.url(bank));
            load.start(4);
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(bank);
                Moment early = Moment.record(server, bank, testbed.resolve("early"));
                tidemark.must("create");
                for (int i = 0; i < 8; i++) {
                    moments.add(Moment.record(server, bank, testbed.resolve("m" + i)));
                    tidemark.must("create", "--incremental");
                    if (i == 3) {
                        tidemark.must("create");
                    }
                }
                tidemark.must("create", "--incremental");
                assertThat(tidemark.must("list", "--segments").out()).contains(" run ");
                // A run goes when the last of it is before the window, and may be long where tests run slowly.
                String dry = prunes("\\bgoes\\b", tidemark, "--pitr-window", "3s", "--dry-run");
                assertThat(dry).contains("newest");
                assertThat(tidemark.restore(server, restored, "--to-lsn", early.lsn())
                                .difference(early.dump()))
                        .isEmpty();

                long before = bytes(tidemark.repository());
                // The run that its snapshot lies in may have been merged into a longer one meanwhile.
                prunes(
                        "\"snapshots_marked\" : [1-9]",
                        tidemark,
                        "--pitr-window",
                        "3s",
                        "--grace",
                        "0s",
                        "--format",
                        "json");
                tidemark.must("prune", "--pitr-window", "3s", "--grace", "0s");
                assertThat(bytes(tidemark.repository())).isLessThan(before);

                Outcome lost = tidemark.run("restore", "--dry-run", "--to-lsn", early.lsn());
                assertThat(lost.exitCode()).isEqualTo(4);
                assertThat(lost.err()).contains("before the oldest restorable moment");
                load.close();
            }
        }
        for (Moment moment : moments.subList(4, 8)) {
            DatabaseDump dump = tidemark.restore(server, restored, "--to-lsn", moment.lsn());
            assertThat(moment.dump().difference(dump)).isEmpty();
        }
        tidemark.must("verify");
        tidemark.must("create", "--offline");
        tidemark.must("prune", "--pitr-window", "0s", "--keep-daily", "2", "--grace", "0s");
        tidemark.must("prune", "--pitr-window", "0s", "--keep-daily", "2", "--grace", "0s");
        tidemark.must("verify");
        assertThat(tidemark.restore(server, restored).difference(tidemark.dump(server, bank)))
                .isEmpty();
    }

    @Test
    void aCrashBetweenObjectAndCommitLeavesAnOrphanThatIsSwept() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Installation tidemark = Installation.of(testbed, server, shop);
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
        }
        Path segment;
        try (Repository repository = Repositories.open(tidemark.configuration())) {
            Archived first = Catalog.load(repository, Clock.systemUTC())
                    .history(shop)
                    .contiguous(0)
                    .get(0);
            segment = tidemark.repository()
                    .resolve(first.object().orElseThrow().name().text());
        }
        Path orphan = segment.resolveSibling("000000-000000000001-000000099999.01234567.seg");
        Files.copy(segment, orphan);

        tidemark.must("prune");
        assertThat(orphan).exists();
        tidemark.set("prune.orphan.age", "0s");
        assertThat(tidemark.must("prune").out()).contains("orphans deleted");

        assertThat(orphan).doesNotExist();
        assertThat(segment).exists();
        tidemark.must("verify");
    }

    /** Prunes until that says something; what it says. */
    private static String prunes(String pattern, Installation tidemark, String... options) throws Exception {
        String[] command = Stream.concat(Stream.of("prune"), Stream.of(options)).toArray(String[]::new);
        Pattern awaited = Pattern.compile(pattern);
        AtomicReference<String> said = new AtomicReference<>("");
        Await.until(() -> "prune says " + pattern + ", and not " + said, Duration.ofMinutes(1), () -> {
            said.set(tidemark.must(command).out());
            return awaited.matcher(said.get()).find();
        });
        return said.get();
    }

    private long bytes(Path directory) throws Exception {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file :
                    files.filter(f -> f.toString().contains("/" + bank + "/")).toList()) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
        }
        return bytes;
    }
}

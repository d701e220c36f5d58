package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * No step's memory grows with the data: the same is done with few rows and with several times as many, and the peaks of the
 * processes' memory are compared. A table is copied, changed by one transaction, made a snapshot of twice, and restored.
 */
@Tag("full")
class BoundedMemoryTest {
    private static final int ROW_BYTES = 1000;
    private static final long FEW_BYTES = 32L << 20;
    private static final long MANY_BYTES = 512L << 20;
    private static final int TIMES = 4;
    /** More than this of what there is more is kept by no step. */
    private static final double TOLERATED = 0.4;

    private static final String HEAP = "192m";

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String restored = Names.unique("restored");

    /** The largest resident memory of each process, in bytes. */
    private record Peaks(long service, long snapshot, long restore) {}

    /** What differs between servers. */
    private interface Source {
        String url(String database);

        void createDatabase(String database) throws Exception;

        void fill(String database, long rows) throws Exception;

        void changeAll(String database) throws Exception;

        String digest(String database) throws Exception;
    }

    private record Postgres(PostgresServer server) implements Source {
        @Override
        public String url(String database) {
            return server.url(database);
        }

        @Override
        public void createDatabase(String database) throws Exception {
            server.createDatabase(database);
        }

        @Override
        public void fill(String database, long rows) throws Exception {
            server.execute(
                    database,
                    "CREATE TABLE filler (id bigint PRIMARY KEY, a text, b text, n int)",
                    "INSERT INTO filler SELECT i, repeat(md5(i::text), 16), repeat(md5((-i)::text), 14), i % 100 "
                            + "FROM generate_series(1, " + rows + ") i");
        }

        @Override
        public void changeAll(String database) throws Exception {
            server.execute(database, "UPDATE filler SET n = n + 1");
        }

        @Override
        public String digest(String database) throws Exception {
            return server.value(
                    database,
                    "SELECT count(*) || ' ' || sum(n) || ' ' || sum(hashtextextended(filler::text, 0)::numeric) FROM filler");
        }
    }

    private record Sql(SqlServer server) implements Source {
        @Override
        public String url(String database) {
            return server.url(database);
        }

        @Override
        public void createDatabase(String database) throws Exception {
            server.createDatabase(database);
        }

        @Override
        public void fill(String database, long rows) throws Exception {
            server.execute(
                    database,
                    "CREATE TABLE filler (id bigint PRIMARY KEY, a text, b blob, n int, KEY (n))",
                    "INSERT INTO filler SELECT seq, repeat(md5(seq), 16), repeat(md5(-seq), 14), seq % 100 FROM ("
                            + SqlServer.numbers(rows) + ") n");
        }

        @Override
        public void changeAll(String database) throws Exception {
            server.execute(database, "UPDATE filler SET n = n + 1");
        }

        @Override
        public String digest(String database) throws Exception {
            return server.value(
                    database, "SELECT concat(count(*), ' ', sum(n), ' ', sum(crc32(concat(id, a, b)))) FROM filler");
        }
    }

    @Test
    void nothingGrowsWithTheRowsOfPostgres() throws Exception {
        nothingGrowsWithTheRows(new Postgres(testbed.postgres()), FEW_BYTES);
    }

    @Test
    void nothingGrowsWithTheRowsOfMariaDb() throws Exception {
        nothingGrowsWithTheRows(new Sql(testbed.sql(SqlProduct.MARIADB)), FEW_BYTES);
    }

    @Tag("long")
    @Test
    void nothingGrowsWithGigabytes() throws Exception {
        nothingGrowsWithTheRows(new Postgres(testbed.postgres()), MANY_BYTES);
    }

    private void nothingGrowsWithTheRows(Source source, long bytes) throws Exception {
        Peaks few = backUpAndRestore(source, Names.unique("few"), bytes);
        Peaks many = backUpAndRestore(source, Names.unique("many"), bytes * TIMES);

        System.out.printf("peaks with %d MiB: %s%npeaks with %d times as much: %s%n", bytes >> 20, few, TIMES, many);
        double tolerated = TOLERATED * bytes * (TIMES - 1);
        assertFlat("the service", few.service(), many.service(), tolerated);
        assertFlat("create --offline", few.snapshot(), many.snapshot(), tolerated);
        assertFlat("restore", few.restore(), many.restore(), tolerated);
    }

    private static void assertFlat(String process, long few, long many, double tolerated) {
        assertThat((double) (many - few))
                .as("bytes that %s needs for more rows, besides %d", process, few)
                .isLessThan(tolerated);
    }

    private Peaks backUpAndRestore(Source source, String database, long bytes) throws Exception {
        source.createDatabase(database);
        source.fill(database, bytes / ROW_BYTES);
        Installation tidemark = Installation.withOwnKafka(testbed, database)
                .set(Key.SNAPSHOT_AFTER.text(), "0")
                .withSource(database, source.url(database));
        long service;
        try (RoleProcess run = RoleProcess.command(tidemark, HEAP, "run")) {
            tidemark.await(database, Duration.ofMinutes(20), h -> {
                assertThat(run.isAlive()).as("the service has memory enough").isTrue();
                return !h.snapshots().isEmpty();
            });
            source.changeAll(database);
            tidemark.must("create", "--incremental", "--wait", "300");
            service = run.peakBytes();
            assertThat(run.stop()).isZero();
        }
        long snapshot = peak(tidemark, "create", "--offline");
        source.createDatabase(restored);
        long restore = peak(tidemark, "restore", "--target", source.url(restored));
        assertThat(source.digest(restored)).isEqualTo(source.digest(database));
        return new Peaks(service, snapshot, restore);
    }

    private static long peak(Installation tidemark, String... command) throws Exception {
        try (RoleProcess process = RoleProcess.command(tidemark, HEAP, command)) {
            long peak = process.awaitPeakBytes();
            assertThat(process.awaitEnd()).as(process.output()).isZero();
            return peak;
        }
    }
}

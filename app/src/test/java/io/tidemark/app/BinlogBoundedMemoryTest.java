package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.config.Key;
import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.RoleProcess;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.mysql.Dialect;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What BoundedMemoryTest shows of PostgreSQL, of MariaDB: neither a copy nor a transaction has to fit into memory. MySQL goes
 * the same way and passes as well, but takes a minute.
 */
class BinlogBoundedMemoryTest {
    private static final String HEAP = "192m";
    private static final long ROWS = 300_000;

    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("binlog-bounded");

    @ParameterizedTest
    @EnumSource(value = Dialect.class, names = "MARIADB")
    void aLargeCopyAndALargeTransactionGoThroughSmallHeaps(Dialect dialect) throws Exception {
        Installation tidemark = Installation.external(work.resolve("tidemark")).set(Key.SNAPSHOT_AFTER.text(), "0");
        try (SqlServer server = SqlServer.start(dialect, work.resolve("server"))) {
            server.createDatabase("large");
            server.execute(
                    "large",
                    "CREATE TABLE filler (id bigint PRIMARY KEY, a text, b blob, n int, KEY (n))",
                    "INSERT INTO filler SELECT seq, repeat(md5(seq), 16), repeat(md5(-seq), 14), seq % 100 FROM ("
                            + SqlServer.numbers(ROWS) + ") n");
            tidemark.must("init");
            tidemark.must("source", "add", "large", server.url("large"));
            try (RoleProcess kafka = RoleProcess.start(tidemark.broker(), "kafka,registry", "384m");
                    RoleProcess ingest = RoleProcess.start(tidemark, "ingest", HEAP);
                    RoleProcess others = RoleProcess.start(tidemark, "pipeline,archiver", "384m")) {
                tidemark.await(
                        "large", Duration.ofMinutes(5), h -> !h.snapshots().isEmpty());
                server.execute("large", "UPDATE filler SET n = n + 1 WHERE id % 4 = 0");
                tidemark.must("create", "--incremental", "--wait", "300");
                for (RoleProcess role : List.of(ingest, others, kafka)) {
                    assertThat(role.isAlive()).as(role.output()).isTrue();
                }
            }
            server.createDatabase("restored");
            try (RoleProcess restore =
                    RoleProcess.command(tidemark, HEAP, "restore", "--target", server.url("restored"))) {
                assertThat(restore.awaitEnd()).as(restore.output()).isZero();
            }
            String digest = "SELECT concat(count(*), ' ', sum(n), ' ', sum(crc32(concat(id, a, b)))) FROM filler";
            assertThat(server.value("restored", digest)).isEqualTo(server.value("large", digest));
        }
    }
}

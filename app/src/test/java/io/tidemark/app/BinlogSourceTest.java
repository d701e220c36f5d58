package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.SqlServer;
import io.tidemark.app.fixture.WorkDirectory;
import io.tidemark.mysql.Dialect;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stands in the way of capturing a database, before anything is changed. */
class BinlogSourceTest {
    @RegisterExtension
    private final WorkDirectory work = new WorkDirectory("binlog-source");

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void aDatabaseThatTheServerLeavesOutOfItsLogIsRefused(Dialect dialect) throws Exception {
        Installation tidemark = new Installation(work.resolve("tidemark"));
        tidemark.must("init");
        try (SqlServer server = SqlServer.start(dialect, work.resolve("not"), "--binlog-ignore-db=hidden")) {
            assertOnlyIsRefused(tidemark, server, "hidden");
        }
        try (SqlServer server = SqlServer.start(dialect, work.resolve("only"), "--binlog-do-db=shown")) {
            assertOnlyIsRefused(tidemark, server, "other");
        }
    }

    private static void assertOnlyIsRefused(Installation tidemark, SqlServer server, String hidden) throws Exception {
        for (String database : new String[] {hidden, "shown"}) {
            server.createDatabase(database);
            Outcome outcome = tidemark.run("source", "check", database, server.url(database));

            assertThat(outcome.exitCode()).as(database).isEqualTo(database.equals(hidden) ? 1 : 0);
            assertThat(outcome.err().contains("the server leaves the database out of its binary log"))
                    .as(database)
                    .isEqualTo(database.equals(hidden));
        }
    }
}

package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.runtime.Role;
import io.tidemark.app.runtime.Service;
import io.tidemark.model.TidemarkException;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Programs;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.nio.file.Files;
import java.util.EnumSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which process carries out the plans of a source, if several could. */
@Tag("full")
class ArchiverMembersTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @Test
    void aCopyOfADataDirectoryTakesOverAndTheFirstArchiverEnds() throws Exception {
        PostgresServer server = testbed.postgres();
        server.createDatabase(shop);
        server.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Installation tidemark = Installation.of(testbed, server, shop);
        Installation copied = Installation.in(testbed, "copied").withRepositoryOf(tidemark);
        try (Service others = Service.start(tidemark.configuration(), EnumSet.of(Role.INGEST, Role.PIPELINE));
                Service first = Service.start(tidemark.configuration(), EnumSet.of(Role.ARCHIVER))) {
            tidemark.awaitCopy(shop);
            Files.createDirectories(copied.directory());
            Programs.copy(tidemark.data(), copied.data());
            try (Service second = Service.start(copied.configuration(), EnumSet.of(Role.ARCHIVER))) {
                assertThatThrownBy(first::await)
                        .isInstanceOf(TidemarkException.class)
                        .hasMessageContaining(
                                "another process with a copy of this one's data directory has taken over");
                first.close();
                server.execute(shop, "INSERT INTO t VALUES (2)");
                tidemark.must("create", "--incremental", "--wait", "60");
            }
        }
        assertThat(tidemark.dump(server, shop).difference(tidemark.restore(server, restored)))
                .isEmpty();
    }
}

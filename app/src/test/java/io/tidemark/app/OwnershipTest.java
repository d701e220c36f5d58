package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Await;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a capture keeps in a database belongs to one repository; another one's leaves it alone, unless it is told to take over. */
@Tag("full")
class OwnershipTest {
    @RegisterExtension
    final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    /** What a server does to its databases, whatever its engine. */
    private record Database(UnaryOperator<String> url, Creation creation, Execution execution, Query query) {
        interface Creation {
            void create(String database) throws Exception;
        }

        interface Execution {
            void execute(String database, String... statements) throws Exception;
        }

        interface Query {
            String value(String database, String query) throws Exception;
        }

        String url(String database) {
            return url.apply(database);
        }

        void create(String database) throws Exception {
            creation.create(database);
        }

        void execute(String database, String... statements) throws Exception {
            execution.execute(database, statements);
        }

        String value(String database, String query) throws Exception {
            return this.query.value(database, query);
        }
    }

    @Test
    void ofPostgres() throws Exception {
        PostgresServer server = testbed.postgres();
        belongsToOne(new Database(server::url, server::createDatabase, server::execute, server::value));
    }

    @ParameterizedTest
    @EnumSource
    void ofSqlServers(SqlProduct product) throws Exception {
        SqlServer server = testbed.sql(product);
        belongsToOne(new Database(server::url, server::createDatabase, server::execute, server::value));
    }

    private void belongsToOne(Database database) throws Exception {
        database.create(shop);
        database.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        Installation first = Installation.in(testbed).withSource(shop, database.url(shop));
        Installation second = Installation.withOwnKafka(testbed, "second");
        second.must("init");
        try (Service firstService = first.start()) {
            first.awaitCopy(shop);
            Outcome check = second.run("source", "check", shop, database.url(shop));
            assertThat(check.exitCode()).isEqualTo(1);
            assertThat(check.err()).contains("is captured as '" + shop + "' for repository ");
            assertThat(second.run("source", "add", shop, database.url(shop)).exitCode())
                    .isEqualTo(1);
            first.must("source", "check", shop, database.url(shop));
            database.execute(shop, "INSERT INTO t VALUES (2)");
            first.must("create", "--incremental", "--wait", "60");

            second.must("source", "add", shop, database.url(shop), "--take-over");
            try (Service secondService = second.start()) {
                second.awaitCopy(shop);
                database.execute(shop, "INSERT INTO t VALUES (3)");
                second.must("create", "--incremental", "--wait", "60");
                database.create(restored);
                second.must("restore", "--target", database.url(restored));
                assertThat(database.value(restored, "SELECT max(id) FROM t")).isEqualTo("3");
            }
        }
        try (Service again = first.start()) {
            Await.until(
                    "the first one refuses to go on",
                    Duration.ofMinutes(1),
                    () -> first.run("status").err().contains("belongs to repository "));
        }
        assertThat(first.must("source", "remove", shop).err()).contains("belongs to repository");
        try (Service secondService = second.start()) {
            database.execute(shop, "INSERT INTO t VALUES (4)");
            second.must("create", "--incremental", "--wait", "60");
            assertThat(second.must("timeline").out()).doesNotContain("gap");
        }
    }
}

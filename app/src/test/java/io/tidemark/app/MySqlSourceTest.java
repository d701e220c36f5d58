package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.fixture.SqlDump;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What MySQL has that MariaDB has not. */
@Tag("full")
class MySqlSourceTest {
    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @Test
    void namesWhatIsInTheWayAndTheStatementThatMendsIt() throws Exception {
        try (SqlServer server = testbed.ownSql(SqlProduct.MYSQL, "server")) {
            server.createDatabase(shop);
            server.execute(
                    shop,
                    "CREATE TABLE documents (id int PRIMARY KEY, j json)",
                    "CREATE TABLE old (id int) ENGINE = MyISAM",
                    "SET GLOBAL binlog_row_metadata = 'MINIMAL'",
                    "CREATE USER reader IDENTIFIED BY 'secret'",
                    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON " + shop + ".* TO reader");
            Installation tidemark = Installation.in(testbed);
            tidemark.must("init");
            Outcome refused = tidemark.run("source", "add", shop, server.url(shop));
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.err())
                    .contains("binlog_row_metadata is MINIMAL and must be FULL")
                    .contains("SET PERSIST binlog_row_metadata = 'FULL'")
                    .contains("the table old is kept by MyISAM")
                    .contains("within the documents of documents.j");

            String reader = server.url(shop).replace("root@", "reader:secret@");
            assertThat(tidemark.run("source", "add", shop, reader).err())
                    .contains("over a secured connection")
                    .doesNotContain("secret@");
            assertThat(tidemark.run("source", "add", shop, reader + "?sslMode=trust")
                            .err())
                    .contains("the user has no right of REPLICATION SLAVE")
                    .contains("the user has no right of LOCK TABLES");

            server.execute(shop, "SET GLOBAL binlog_row_metadata = 'FULL'", "DROP TABLE old");
            tidemark.must("source", "add", shop, server.url(shop));
        }
    }

    @Test
    void anotherServerIsANewEpochAndATargetThatTakesNoRowsIsLeftAsItIs() throws Exception {
        Installation tidemark = Installation.in(testbed);
        String rows = "INSERT INTO t VALUES (1), (2), (3)";
        try (SqlServer source = testbed.ownSql(SqlProduct.MYSQL, "source")) {
            source.createDatabase(shop);
            source.execute(shop, "CREATE TABLE t (id int PRIMARY KEY)", rows);
            tidemark.withSource(shop, source.url(shop));
            try (Service service = tidemark.start()) {
                tidemark.awaitCopy(shop);
            }
            source.becomeAnother();
            source.execute(shop, "DELETE FROM t WHERE id = 2");
            try (Service service = tidemark.start()) {
                tidemark.awaitEpoch(shop, 1);
                tidemark.must("create", "--incremental", "--wait", "60");
            }
            assertThat(tidemark.must("timeline", shop).out()).contains("the server is another one");

            source.createDatabase(restored);
            source.execute(restored, "SET GLOBAL local_infile = OFF");
            assertThat(tidemark.run("restore", "--target", source.url(restored)).err())
                    .contains("SET GLOBAL local_infile = ON");
            assertThat(source.value(restored, "SHOW TABLES")).isEmpty();
            source.execute(restored, "SET GLOBAL local_infile = ON");
            tidemark.must("restore", "--target", source.url(restored));
            assertThat(SqlDump.of(source, shop).difference(SqlDump.of(source, restored)))
                    .isEmpty();
        }
    }
}

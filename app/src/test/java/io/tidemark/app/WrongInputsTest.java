package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.fixture.Installation;
import io.tidemark.app.fixture.Installation.Outcome;
import io.tidemark.app.runtime.Service;
import io.tidemark.testbed.Directories;
import io.tidemark.testbed.Names;
import io.tidemark.testbed.Testbed;
import io.tidemark.testbed.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Wrong moments, wrong targets and damaged repositories: a clear sentence, the right exit code, nothing written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInputsTest {
    private final String shop = Names.unique("shop");
    private final String restored = Names.unique("restored");

    @RegisterExtension
    private final Testbed testbed = new Testbed();

    private PostgresServer server;
    private Installation tidemark;

    @BeforeAll
    void backUpADatabase() throws Exception {
        server = testbed.postgres();
        tidemark = Installation.in(testbed);
        server.createDatabase(shop);
        server.execute(
                shop,
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 1000) i");
        tidemark.withSource(shop, server.url(shop));
        try (Service service = tidemark.start()) {
            tidemark.awaitCopy(shop);
            server.execute(shop, "UPDATE item SET name = 'new' WHERE id < 10");
            tidemark.must("create");
            server.execute(shop, "DELETE FROM item WHERE id > 500");
            tidemark.must("create", "--incremental");
        }
    }

    private Outcome restore(String... moment) throws Exception {
        server.createDatabase(restored);
        return tidemark.run(Stream.concat(Stream.of("restore", "--target", server.url(restored)), Stream.of(moment))
                .toArray(String[]::new));
    }

    private void assertNothingWasWritten() throws Exception {
        assertThat(server.value(restored, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
                .isEqualTo("0");
    }

    @Test
    void aMomentInTheFutureIsToldWithTheNewestRestorableOne() throws Exception {
        Outcome outcome = restore("--to", "2999-01-01T00:00:00Z");

        assertThat(outcome.exitCode()).isEqualTo(4);
        assertThat(outcome.err()).contains("future").contains("complete until").contains("--to latest");
        assertNothingWasWritten();
    }

    @Test
    void aMomentBeforeTheFirstCopyIsToldWithTheOldestRestorableOne() throws Exception {
        Outcome outcome = restore("--to", "2001-01-01T00:00:00Z");

        assertThat(outcome.exitCode()).isEqualTo(4);
        assertThat(outcome.err())
                .contains("before the oldest restorable moment")
                .contains("restorable is");
        assertNothingWasWritten();
    }

    @Test
    void aTimeWithoutAZoneIsRefused() throws Exception {
        Outcome outcome = restore("--to", "2026-11-21 10:00:00");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("not a time with a zone");
    }

    @Test
    void anUnknownTransactionPositionTableOrSourceIsNotFound() throws Exception {
        assertThat(restore("--to-txid", "1").exitCode()).isEqualTo(4);
        assertThat(restore("--to-position", "7:1").exitCode()).isEqualTo(4);
        assertThat(restore("--to-lsn", "FFFFFFFF/0").exitCode()).isEqualTo(4);
        assertThat(restore("--table", "itme").err())
                .contains("there is no table itme")
                .contains("public.item");
        assertThat(tidemark.run("restore", "nobody", "--dry-run").exitCode()).isEqualTo(4);
    }

    @Test
    void aTargetThatIsNotEmptyIsRefusedUnlessItMayBeCleared() throws Exception {
        server.createDatabase(restored);
        server.execute(restored, "CREATE TABLE precious (id int)");

        Outcome refused = tidemark.run("restore", "--target", server.url(restored));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err())
                .contains("not empty")
                .contains("public.precious")
                .contains("--allow-clear");
        assertThat(server.value(restored, "SELECT count(*) FROM precious")).isEqualTo("0");

        tidemark.must("restore", "--target", server.url(restored), "--allow-clear", "--yes");
        assertThat(server.value(restored, "SELECT count(*) FROM item")).isEqualTo("500");
    }

    @Test
    void aDryRunPrintsTheExactTransactionAndTouchesNothing() throws Exception {
        server.createDatabase(restored);

        Outcome outcome = tidemark.must("restore", "--target", server.url(restored), "--dry-run", "--format", "json");

        assertThat(outcome.out()).contains("ends_at_transaction").contains("bytes_to_read");
        assertNothingWasWritten();
    }

    @Test
    void anUnknownKeyNamesTheNearestKnownOne() {
        Outcome outcome = tidemark.run("status", "--set", "segment.max.agee=1s");

        assertThat(outcome.exitCode()).isEqualTo(2);
        assertThat(outcome.err()).contains("did you mean 'segment.max.age'");
    }

    @Test
    void aRepositoryOfAnotherFormatIsRefused() throws Exception {
        Path identity = tidemark.repository().resolve("tidemark.json");
        String kept = Files.readString(identity);
        Files.writeString(identity, kept.replace("\"format\":2", "\"format\":1"));
        try {
            Outcome outcome = tidemark.run("list");

            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.err()).contains("has format 1").contains("tidemark init");
        } finally {
            Files.writeString(identity, kept);
        }
    }

    @Test
    void errorsAreJsonWhereDataIs() {
        Outcome outcome = tidemark.run("list", "nobody", "--format", "json");

        assertThat(outcome.exitCode()).isEqualTo(4);
        assertThat(outcome.err()).startsWith("{\"error\":").contains("\"exitCode\":4");
    }

    @Test
    void aWrongKeyOpensNothing() throws Exception {
        Path other = testbed.resolve("other.key");
        io.tidemark.repository.crypto.KeyText.create(other);

        Outcome outcome = tidemark.run("verify", "--key-file", other.toString());

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.err()).contains("wrong key").contains(other.toString());
    }

    /** Something done to one object of a copy of the repository. */
    private interface Damage {
        void to(Path object) throws IOException;
    }

    private void assertDamageIsFound(String directory, Damage damage, String inMessage) throws Exception {
        Path copy = testbed.resolve("damaged");
        Directories.delete(copy);
        copyTree(tidemark.repository(), copy);
        Path object;
        try (Stream<Path> files = Files.walk(copy.resolve(directory))) {
            List<Path> all = files.filter(Files::isRegularFile).sorted().toList();
            object = all.get(all.size() / 2);
        }
        damage.to(object);
        String name = copy.relativize(object).toString();

        Outcome verified = tidemark.run("verify", "--repository", "file:" + copy);
        assertThat(verified.exitCode()).as(verified.err()).isEqualTo(3);
        assertThat(verified.err()).contains(name).contains(inMessage);

        server.createDatabase(restored);
        Outcome outcome = tidemark.run("restore", "--repository", "file:" + copy, "--target", server.url(restored));
        assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(3);
        assertThat(outcome.err()).contains(name);
        assertNothingWasWritten();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(Files.isDirectory(file) ? target : target.getParent());
                if (!Files.isDirectory(file)) {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void flipABit(Path object) throws IOException {
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 4;
        Files.write(object, bytes);
    }

    @Test
    void aMissingPartIsFound() throws Exception {
        assertDamageIsFound(shop + "/snapshots", Files::delete, "missing");
    }

    @Test
    void aFlippedBitInAPartIsFound() throws Exception {
        assertDamageIsFound(shop + "/snapshots", WrongInputsTest::flipABit, "altered");
    }

    @Test
    void aTruncatedSchemaIsFound() throws Exception {
        assertDamageIsFound(
                shop + "/schemas",
                object -> Files.write(object, java.util.Arrays.copyOf(Files.readAllBytes(object), 100)),
                "truncated");
    }

    @Test
    void aMissingCatalogCommitIsFound() throws Exception {
        assertDamageIsFound("catalog", Files::delete, "missing");
    }

    @Test
    void aCatalogThatLostItsNewestCommitIsFoundByWhoeverSawIt() throws Exception {
        Path copy = testbed.resolve("damaged");
        Directories.delete(copy);
        copyTree(tidemark.repository(), copy);
        tidemark.must("verify", "--repository", "file:" + copy);
        List<Path> commits;
        try (Stream<Path> files = Files.list(copy.resolve("catalog"))) {
            commits = files.sorted().toList();
        }
        Files.delete(commits.get(commits.size() - 1));

        Outcome outcome = tidemark.run("verify", "--repository", "file:" + copy);

        assertThat(outcome.exitCode()).isEqualTo(3);
        assertThat(outcome.err()).contains("rolled back");
    }

    @Test
    void anAlteredCatalogCommitIsFound() throws Exception {
        assertDamageIsFound("catalog", WrongInputsTest::flipABit, "altered");
    }

    @Test
    void initRefusesAPlaceThatIsTaken() {
        assertThat(tidemark.run("init").err()).contains("already");
    }

    @Test
    void aTableWithoutIdentityIsNamedBeforeAnythingIsChanged() throws Exception {
        server.createDatabase("bad");
        server.execute("bad", "CREATE TABLE no_key (a int)", "CREATE TABLE fine (a int PRIMARY KEY)");

        Outcome outcome = tidemark.run("source", "add", "bad", server.url("bad"));

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("public.no_key").contains("REPLICA IDENTITY FULL");
        assertThat(server.value("bad", "SELECT count(*) FROM pg_publication")).isEqualTo("0");
        assertThat(tidemark.run("source", "check", "bad", server.url("bad")).exitCode())
                .isEqualTo(1);
        tidemark.must("source", "add", "bad", server.url("bad"), "--exclude", "no_key");
        assertThat(server.value("bad", "SELECT count(*) FROM pg_publication")).isEqualTo("1");
        tidemark.must("source", "remove", "bad");
        assertThat(server.value("bad", "SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    @Test
    void anExclusionThatLeavesNothingOutNamesTheNearestTable() {
        Outcome outcome = tidemark.run("source", "check", "spelling", server.url(shop), "--exclude", "itm");

        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("there is no table 'itm' to exclude").contains("did you mean 'item'?");
    }

    @Test
    void everyCommandHasHelp() {
        for (String command :
                List.of("init", "run", "demo", "status", "list", "timeline", "create", "restore", "verify", "keys")) {
            assertThat(io.tidemark.app.cli.TidemarkCommand.execute(command, "--help"))
                    .isZero();
        }
    }

    @Test
    void statusListAndTimelinePrintWhatThereIs() {
        assertThat(tidemark.run("status").out()).contains(shop);
        assertThat(tidemark.must("list", "--segments", "--format", "json").out())
                .contains("\"kind\" : \"snapshot\"")
                .contains("\"segment\"");
        assertThat(tidemark.must("timeline").out()).contains("restorable").doesNotContain("gap");
    }
}

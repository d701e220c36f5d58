package io.tidemark.app.demo;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.SourceDefinition;
import io.tidemark.app.config.SourceDefinitions;
import io.tidemark.app.embedded.EmbeddedPostgresServer;
import io.tidemark.app.runtime.Engines;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.app.runtime.Role;
import io.tidemark.app.runtime.Service;
import io.tidemark.ingest.Source;
import io.tidemark.model.CollectionName;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import io.tidemark.repository.NewRepository;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.CatalogEntry;
import io.tidemark.repository.catalog.SourceHistory;
import io.tidemark.repository.crypto.KeySource;
import io.tidemark.repository.crypto.KeyText;
import io.tidemark.restorer.Restore;
import io.tidemark.restorer.RestoreOptions;
import io.tidemark.restorer.RestorePlan;
import io.tidemark.restorer.RestoreProgress;
import io.tidemark.restorer.RestoreResult;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetSettings;
import io.tidemark.restorer.plan.RestoreTo;
import io.tidemark.restorer.plan.Timeline;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The demonstration, from an empty directory to the proof. Leaves nothing running. */
public final class Demo {
    private static final String NAME = "bank";
    private static final int CONNECTIONS = 8;

    private final Optional<String> server;
    private final Path directory;
    private final int seconds;
    private final PrintStream out;
    private final long begun = System.nanoTime();

    /**
     * @param server the address of a PostgreSQL server; empty starts one
     */
    public Demo(Optional<String> server, Path directory, int seconds, PrintStream out) {
        this.server = server;
        this.directory = directory.toAbsolutePath().normalize();
        this.seconds = seconds;
        this.out = out;
    }

    /** Runs it; true if the restored database equals the lost one. */
    public boolean run() throws IOException, SQLException, InterruptedException {
        prepareDirectory();
        if (server.isPresent()) {
            return onServer(server.get());
        }
        say("starting PostgreSQL (embedded binaries)");
        try (EmbeddedPostgresServer embedded = EmbeddedPostgresServer.start(directory.resolve("work/postgres"))) {
            return onServer(embedded.url("postgres"));
        } finally {
            delete(directory.resolve("work"));
        }
    }

    private void prepareDirectory() throws IOException {
        boolean ours = Files.exists(directory.resolve("tidemark.key")) || Files.exists(directory.resolve("work"));
        if (Files.exists(directory) && !ours) {
            throw TidemarkException.usage(
                    directory + " is there and is not from a demo; name another with --directory");
        }
        delete(directory);
        Files.createDirectories(directory);
    }

    private boolean onServer(String url) throws IOException, SQLException, InterruptedException {
        try (DemoDatabases databases = DemoDatabases.create(url, password())) {
            return demonstrate(databases.bank(), databases.restored());
        }
    }

    private boolean demonstrate(String bankUrl, String restoredUrl)
            throws IOException, SQLException, InterruptedException {
        Configuration configuration = configuration();
        SourceDefinition definition =
                new SourceDefinition(NAME, Engines.ofUrl(bankUrl), bankUrl, password(), List.of());
        PostgresConnections bank = new PostgresConnections("bank", bankUrl, password());
        try (BankLoad load = new BankLoad(bank, 1, 12)) {
            load.createTables();
            addSource(configuration, definition);
            say("starting Kafka, the schema registry and all of Tidemark's roles in this process");
            Mistake mistake;
            Timeline.Range range;
            try (Service service = Service.start(configuration, EnumSet.allOf(Role.class));
                    Repository repository = Repositories.open(configuration)) {
                Catalog catalog = Catalog.load(repository, Clock.systemUTC());
                say("backing up continuously, encrypted, into file:" + directory.resolve("repo"));
                load.start(CONNECTIONS);
                say(CONNECTIONS + " connections transfer money, for " + seconds + " s");
                awaitCopy(catalog);
                Thread.sleep(Duration.ofSeconds(seconds).toMillis());
                mistake = mistake(bank);
                Thread.sleep(Duration.ofSeconds(2).toMillis());
                range = awaitComplete(catalog, definition, mistake);
                say("stopping everything but the database; " + load.transactions() + " transactions were committed");
                load.close();
                service.requestStop();
            }
            return restoreAndCompare(configuration, mistake, range, restoredUrl, load.transactions());
        } finally {
            removeSource(definition);
        }
    }

    private Configuration configuration() {
        return Configuration.load(
                Optional.of(write(directory.resolve("tidemark.yaml"), "# the demo's own configuration\n")),
                Map.of(),
                Map.of(
                        "repository", "file:" + directory.resolve("repo"),
                        "key.file", directory.resolve("tidemark.key").toString(),
                        "data", directory.resolve("work/data").toString(),
                        "segment.max.age", "1s",
                        "heartbeat.interval", "1s",
                        "kafka.port", "0",
                        "registry.port", "0"));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw TidemarkException.permanent("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private void addSource(Configuration configuration, SourceDefinition definition) throws IOException {
        KeySource.File key = KeyText.create(directory.resolve("tidemark.key"));
        try (Repository repository = NewRepository.make(Repositories.store(configuration), Optional.of(key));
                Source source = Engines.source(definition.engine(), definition.settings(2, Optional.empty()))) {
            source.prepare();
            new SourceDefinitions(configuration.data()).put(definition);
            Catalog.load(repository, Clock.systemUTC())
                    .commit(newest -> List.of(new CatalogEntry.SourceAdded(NAME, definition.engine())));
        }
    }

    private static void removeSource(SourceDefinition definition) {
        try (Source source = Engines.source(definition.engine(), definition.settings(2, Optional.empty()))) {
            source.remove();
        }
    }

    private void awaitCopy(Catalog catalog) throws InterruptedException {
        await("the initial copy", () -> {
            catalog.refresh();
            return !Timeline.of(catalog.history(NAME)).ranges().isEmpty();
        });
        say("the initial copy is in the repository");
    }

    /** Deletes with the tables locked for a moment, so that what was there just before is known exactly. */
    private Mistake mistake(PostgresConnections bank) throws SQLException, IOException {
        try (Connection sql = bank.sql()) {
            sql.setAutoCommit(false);
            Queries.execute(
                    sql, "LOCK TABLE public.account, public.transfer, public.document, public.event IN EXCLUSIVE MODE");
            DatabaseDump before = DatabaseDump.write(sql, directory.resolve("work/before"));
            Instant justBefore = Micros.toInstant(Long.parseLong(
                    Queries.value(sql, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                            .orElseThrow()));
            String lost = Queries.value(
                            sql, "WITH gone AS (DELETE FROM public.transfer RETURNING 1) SELECT count(*) FROM gone")
                    .orElseThrow();
            String transaction =
                    Queries.value(sql, "SELECT pg_current_xact_id()").orElseThrow();
            sql.commit();
            say("MISTAKE: transaction " + transaction + " ran DELETE FROM transfer without a WHERE, " + lost
                    + " rows are gone; the load goes on");
            return new Mistake(justBefore, transaction, Long.parseLong(lost), before);
        }
    }

    private Timeline.Range awaitComplete(Catalog catalog, SourceDefinition definition, Mistake mistake)
            throws InterruptedException {
        try (Source source = Engines.source(definition.engine(), definition.settings(2, Optional.empty()))) {
            long asked = source.requestSeal(UUID.randomUUID().toString());
            await("the mistake to be archived", () -> {
                catalog.refresh();
                return newest(catalog).completeUntilMicros() > Math.max(asked, Micros.of(mistake.justBefore()));
            });
        }
        return newest(catalog);
    }

    private static Timeline.Range newest(Catalog catalog) {
        List<Timeline.Range> ranges = Timeline.of(catalog.history(NAME)).ranges();
        return ranges.get(ranges.size() - 1);
    }

    private boolean restoreAndCompare(
            Configuration configuration, Mistake mistake, Timeline.Range range, String restoredUrl, long transactions)
            throws IOException, SQLException, InterruptedException {
        try (Repository repository = Repositories.open(configuration)) {
            SourceHistory history = Catalog.load(repository, Clock.systemUTC()).history(NAME);
            RestorePlan plan = RestorePlan.of(repository, history, new RestoreTo.Time(mistake.justBefore()), List.of());
            say("restoring to " + mistake.justBefore() + ": ends at transaction "
                    + plan.end().id() + ", LSN " + plan.end().coordinate() + ", from the repository and its key alone");
            long started = System.nanoTime();
            RestoreResult result = restore(repository, plan, restoredUrl);
            double took = (System.nanoTime() - started) / 1e9;
            DatabaseDump after;
            try (Connection sql = new PostgresConnections("demo", restoredUrl, password()).sql()) {
                after = DatabaseDump.write(sql, directory.resolve("work/after"));
            }
            String difference = mistake.before().difference(after);
            new DemoReport(mistake, range, plan, result, took, transactions).print(repository, history, out);
            out.println(
                    difference.isEmpty()
                            ? "  PROOF      " + after.rows() + " rows in " + after.tables()
                                    + " tables compared column by column as the server's text: all equal"
                            : "  FAILED     " + difference);
            next();
            return difference.isEmpty();
        }
    }

    private RestoreResult restore(Repository repository, RestorePlan plan, String url) throws InterruptedException {
        RestoreOptions options =
                new RestoreOptions(List.of(), false, true, false, true, true, 2, directory.resolve("work/data/spool"));
        try (Target target = Engines.target(Engines.ofUrl(url), new TargetSettings(url, password()))) {
            return new Restore(repository, target, options, new RestoreProgress() {
                        @Override
                        public void step(String name) {}

                        @Override
                        public void loaded(CollectionName collection, long rows, long bytes, int done, int total) {
                            say("restored " + collection + ", " + rows + " rows");
                        }

                        @Override
                        public void made(String object, int done, int total) {}
                    })
                    .run(plan);
        }
    }

    private void next() {
        out.println();
        out.println("The repository and its key stay in " + directory + ". Try, with any PostgreSQL of yours:");
        String where =
                " --repository file:" + directory.resolve("repo") + " --key-file " + directory.resolve("tidemark.key");
        out.println("  ./tidemark timeline" + where);
        out.println("  ./tidemark verify" + where);
        out.println("  ./tidemark restore" + where + " --target postgresql://user@host:port/empty_database");
        out.println("and for your own database: ./tidemark init, ./tidemark source add, ./tidemark run.");
    }

    /** A condition that is looked at until it holds. */
    private interface Condition {
        boolean holds();
    }

    private static void await(String what, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw TidemarkException.permanent("waited 60 s for " + what);
            }
            Thread.sleep(100);
        }
    }

    private static Optional<String> password() {
        return Optional.ofNullable(System.getenv("PGPASSWORD"));
    }

    private void say(String text) {
        out.printf(Locale.ROOT, "%6.1f s  %s%n", (System.nanoTime() - begun) / 1e9, text);
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

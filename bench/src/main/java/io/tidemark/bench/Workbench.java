package io.tidemark.bench;

import io.tidemark.app.cli.TidemarkCommand;
import io.tidemark.app.config.Configuration;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.app.runtime.Role;
import io.tidemark.app.runtime.Service;
import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import io.tidemark.repository.catalog.SourceHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** A server, a fresh installation of Tidemark, and the peers' programs. */
final class Workbench {
    private final String server;
    private final Path directory;
    private final String source;
    private final Map<String, String> settings = new HashMap<>();

    /**
     * @param server the address of a PostgreSQL server with wal_level = logical
     * @param directory is made anew
     * @param source what the source is called
     */
    Workbench(String server, Path directory, String source) {
        this.source = source;
        this.server = server;
        this.directory = directory;
        settings.put("repository", "file:" + directory.resolve("repo"));
        settings.put("key.file", directory.resolve("key").toString());
        settings.put("data", directory.resolve("data").toString());
        settings.put("kafka.port", "0");
        settings.put("registry.port", "0");
    }

    Workbench set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    Path directory() {
        return directory;
    }

    String url(String database) {
        return server.replaceFirst("^([a-z]+://[^/]+)/[^?]*", "$1/" + database);
    }

    PostgresConnections connections(String database) {
        return new PostgresConnections("bench", url(database), Optional.empty());
    }

    void createDatabase(String name) throws SQLException {
        try (Connection sql = connections("postgres").sql()) {
            Queries.value(
                    sql,
                    "SELECT count(pg_drop_replication_slot(slot_name)::text) FROM pg_replication_slots WHERE database = ?",
                    name);
            Queries.execute(sql, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            Queries.execute(sql, "CREATE DATABASE " + name);
        }
    }

    void execute(String database, String... statements) throws SQLException {
        try (Connection sql = connections(database).sql()) {
            Queries.execute(sql, "SET search_path = public");
            for (String statement : statements) {
                Queries.execute(sql, statement);
            }
        }
    }

    String value(String database, String query) throws SQLException {
        try (Connection sql = connections(database).sql()) {
            Queries.execute(sql, "SET search_path = public");
            return Queries.value(sql, query).orElse("");
        }
    }

    /** Makes a repository and puts the database under backup. */
    void addSource(String database) {
        tidemark("init");
        tidemark("source", "add", source, url(database));
    }

    /** Runs a command of Tidemark's and tells how many seconds it took. */
    double tidemark(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        settings.forEach((key, value) -> all.addAll(List.of("--set", key + "=" + value)));
        long started = System.nanoTime();
        if (TidemarkCommand.execute(all.toArray(new String[0])) != 0) {
            throw TidemarkException.permanent("failed: tidemark " + String.join(" ", arguments));
        }
        return (System.nanoTime() - started) / 1e9;
    }

    Service start() {
        return Service.start(Configuration.load(Optional.empty(), Map.of(), settings), EnumSet.allOf(Role.class));
    }

    /** Waits until the catalog satisfies the condition. */
    SourceHistory await(Predicate<SourceHistory> condition) throws IOException, InterruptedException {
        try (Repository repository = repository()) {
            Catalog catalog = Catalog.load(repository, Clock.systemUTC());
            while (!catalog.knows(source) || !condition.test(catalog.history(source))) {
                Thread.sleep(20);
                catalog.refresh();
            }
            return catalog.history(source);
        }
    }

    Repository repository() {
        return Repositories.open(Configuration.load(Optional.empty(), Map.of(), settings));
    }

    /** How many changes of the newest epoch are archived without a hole. */
    static long changes(SourceHistory history) {
        List<Integer> epochs = history.epochs();
        return epochs.isEmpty()
                ? 0
                : history.contiguous(epochs.get(epochs.size() - 1)).stream()
                        .mapToLong(a -> a.stretch().changes())
                        .sum();
    }

    /** Runs a shell command and tells how many seconds it took. */
    double shell(String command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("bench", ".log");
        long started = System.nanoTime();
        int exit = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        double seconds = (System.nanoTime() - started) / 1e9;
        if (exit != 0) {
            throw TidemarkException.permanent("failed: " + command + ": " + Files.readString(log));
        }
        return seconds;
    }

    static void print(String format, Object... arguments) {
        System.out.printf(Locale.ROOT, format + "%n", arguments);
    }
}

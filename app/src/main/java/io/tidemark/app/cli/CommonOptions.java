package io.tidemark.app.cli;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.app.runtime.KnownHead;
import io.tidemark.app.runtime.Repositories;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Catalog;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that every command takes. */
final class CommonOptions {
    /** How data is printed. */
    enum Format {
        table,
        json
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; ./tidemark.yaml is read if it is there.")
    private @Nullable Path config;

    @Option(
            names = "--repository",
            paramLabel = "LOCATION",
            description = "Where the backup is kept: file:DIRECTORY or s3://BUCKET/PREFIX.")
    private @Nullable String repository;

    @Option(names = "--key-file", paramLabel = "FILE", description = "File with the repository's key.")
    private @Nullable String keyFile;

    @Option(names = "--data", paramLabel = "DIRECTORY", description = "Working data and source definitions.")
    private @Nullable String data;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any configuration key; 'tidemark keys' lists them.")
    private Map<String, String> set = new HashMap<>();

    @Option(names = "--format", paramLabel = "table|json", description = "How data is printed; default: table.")
    private Format format = Format.table;

    Configuration configuration() {
        Map<String, String> flags = new HashMap<>(set);
        putIfGiven(flags, Key.REPOSITORY, repository);
        putIfGiven(flags, Key.KEY_FILE, keyFile);
        putIfGiven(flags, Key.DATA, data);
        return Configuration.load(Optional.ofNullable(config), System.getenv(), flags);
    }

    private static void putIfGiven(Map<String, String> flags, Key key, @Nullable String value) {
        if (value != null) {
            flags.put(key.text(), value);
        }
    }

    Format format() {
        return format;
    }

    /** Where data is printed. */
    Output output() {
        return new Output(System.out, format == Format.json);
    }

    Repository openRepository() {
        return Repositories.open(configuration());
    }

    /** The catalog, which must not be shorter than when it was seen last. */
    Catalog catalog(Repository opened) {
        Catalog catalog = Catalog.load(opened, Clock.systemUTC());
        new KnownHead(configuration().data(), opened).check(catalog);
        return catalog;
    }

    /** The same, read from its first commit on. */
    Catalog wholeCatalog(Repository opened) {
        Catalog catalog = Catalog.loadWhole(opened, Clock.systemUTC());
        new KnownHead(configuration().data(), opened).check(catalog);
        return catalog;
    }

    /** The named source, or all. */
    static List<String> sources(@Nullable String name, Catalog catalog) {
        return name == null ? catalog.sources() : List.of(name);
    }

    /** The named source, or the only one that is under backup, or the only one there ever was. */
    static String source(@Nullable String name, Catalog catalog) {
        if (name != null) {
            return name;
        }
        List<String> known = catalog.sources();
        List<String> live =
                known.stream().filter(s -> !catalog.history(s).isRemoved()).toList();
        if (live.size() == 1 || known.size() == 1) {
            return live.size() == 1 ? live.get(0) : known.get(0);
        }
        throw known.isEmpty()
                ? TidemarkException.notFound("there is no source yet; add one with 'tidemark source add'")
                : TidemarkException.usage("which source? give one of: " + String.join(", ", known));
    }
}

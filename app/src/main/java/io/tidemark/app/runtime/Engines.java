package io.tidemark.app.runtime;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceProvider;
import io.tidemark.ingest.SourceSettings;
import io.tidemark.model.TidemarkException;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds the implementation for an engine. */
public final class Engines {
    private Engines() {}

    /** The engine an address belongs to: {@code postgres://} and {@code postgresql://} are one. */
    public static String ofUrl(String url) {
        int end = url.indexOf("://");
        if (end < 1) {
            throw TidemarkException.usage(
                    "'" + url
                            + "' is not a database address; write postgresql://, mariadb:// or mysql://user@host:port/database");
        }
        String scheme = url.substring(0, end);
        return scheme.equals("postgres") ? "postgresql" : scheme;
    }

    /** A source of an engine. */
    public static Source source(String engine, SourceSettings settings) {
        return provider(SourceProvider.class, SourceProvider::engine, engine, "source")
                .open(settings);
    }

    /**
     * The target at an address.
     *
     * @param sourceEngine whose backup shall be restored into it
     */
    public static Target target(String sourceEngine, TargetSettings settings) {
        String engine = ofUrl(settings.url());
        if (!engine.equals(sourceEngine)) {
            throw TidemarkException.usage("a backup of " + sourceEngine + " cannot be restored into " + engine);
        }
        return provider(TargetProvider.class, TargetProvider::engine, engine, "target")
                .open(settings);
    }

    private static <P> P provider(Class<P> type, Function<P, String> name, String engine, String what) {
        List<P> all = ServiceLoader.load(type).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        return all.stream()
                .filter(provider -> name.apply(provider).equals(engine))
                .findFirst()
                .orElseThrow(() -> TidemarkException.usage("there is no " + what + " for the engine '" + engine
                        + "'; there are "
                        + all.stream().map(name).sorted().collect(Collectors.joining(", "))));
    }
}

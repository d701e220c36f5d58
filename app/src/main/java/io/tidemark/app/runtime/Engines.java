package io.tidemark.app.runtime;

import io.tidemark.ingest.Source;
import io.tidemark.ingest.SourceProvider;
import io.tidemark.ingest.SourceSettings;
import io.tidemark.model.TidemarkException;
import io.tidemark.restorer.Target;
import io.tidemark.restorer.TargetProvider;
import io.tidemark.restorer.TargetSettings;
import java.util.ServiceLoader;

/** Finds the implementation for an engine. */
public final class Engines {
    private Engines() {}

    /** The engine an address belongs to: {@code postgres://} and {@code postgresql://} are one. */
    public static String ofUrl(String url) {
        int end = url.indexOf("://");
        if (end < 1) {
            throw TidemarkException.usage(
                    "'" + url + "' is not a database address; write postgresql://user@host:port/database");
        }
        String scheme = url.substring(0, end);
        return scheme.equals("postgres") ? "postgresql" : scheme;
    }

    public static Source source(String engine, SourceSettings settings) {
        return ServiceLoader.load(SourceProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.engine().equals(engine))
                .findFirst()
                .orElseThrow(() -> TidemarkException.usage("there is no source for the engine '" + engine + "'"))
                .open(settings);
    }

    public static Target target(String engine, TargetSettings settings) {
        return ServiceLoader.load(TargetProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.engine().equals(engine))
                .findFirst()
                .orElseThrow(() -> TidemarkException.usage("there is no target for the engine '" + engine + "'"))
                .open(settings);
    }
}

package io.tidemark.app.runtime;

import io.tidemark.app.config.Configuration;
import io.tidemark.app.config.Key;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.FileObjectStore;
import io.tidemark.repository.store.ObjectStore;
import io.tidemark.repository.store.s3.S3ObjectStore;
import io.tidemark.repository.store.s3.S3Settings;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a repository is, as a person writes it: {@code file:DIRECTORY} or {@code s3://BUCKET/PREFIX}. A query
 * overrides the {@code s3.*} keys for this place alone: {@code s3://bucket/prefix?endpoint=https://host&path.style=true}.
 */
final class StoreLocation {
    private static final String FILE = "file:";
    private static final String S3 = "s3://";
    private static final String S3_KEYS = "s3.";

    private StoreLocation() {}

    /**
     * Opens the store.
     *
     * @throws TidemarkException of kind USAGE if the location cannot be read
     */
    static ObjectStore open(String location, Configuration configuration) {
        if (location.startsWith(FILE)) {
            return new FileObjectStore(Path.of(location.substring(FILE.length()).replaceFirst("^//", "")));
        }
        if (location.startsWith(S3)) {
            return new S3ObjectStore(s3(location.substring(S3.length()), configuration), Clock.systemUTC());
        }
        throw TidemarkException.usage(
                "'" + location + "' is not the place of a repository; write file:DIRECTORY or s3://BUCKET/PREFIX");
    }

    private static S3Settings s3(String place, Configuration configuration) {
        int query = place.indexOf('?');
        String path = query < 0 ? place : place.substring(0, query);
        Configuration own = query < 0 ? configuration : configuration.with(overrides(place.substring(query + 1)));
        int slash = path.indexOf('/');
        String bucket = slash < 0 ? path : path.substring(0, slash);
        String prefix = slash < 0 ? "" : path.substring(slash + 1).replaceAll("^/+|/+$", "");
        if (bucket.isEmpty()) {
            throw TidemarkException.usage("'s3://" + place + "' names no bucket; write s3://BUCKET/PREFIX");
        }
        return new S3Settings(
                bucket,
                prefix,
                own.optional(Key.S3_ENDPOINT).map(StoreLocation::endpoint),
                own.flag(Key.S3_PATH_STYLE),
                own.optional(Key.S3_REGION),
                own.optional(Key.S3_PROFILE),
                own.optional(Key.S3_KMS_KEY),
                own.optional(Key.S3_STORAGE_CLASS),
                lock(own),
                own.integer(Key.S3_ATTEMPTS));
    }

    private static Map<String, String> overrides(String query) {
        Map<String, String> overrides = new HashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw TidemarkException.usage("'" + pair + "' in the place of a repository is not KEY=VALUE");
            }
            overrides.put(
                    S3_KEYS + pair.substring(0, equals),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return overrides;
    }

    private static URI endpoint(String text) {
        if (!text.matches("https?://.+")) {
            throw TidemarkException.usage("s3.endpoint is '" + text + "', needed is http://HOST:PORT or https://HOST");
        }
        return URI.create(text);
    }

    private static Optional<S3Settings.Lock> lock(Configuration configuration) {
        Duration period = configuration.duration(Key.S3_LOCK_PERIOD);
        String mode = configuration.text(Key.S3_LOCK_MODE);
        if (!mode.equals("compliance") && !mode.equals("governance")) {
            throw TidemarkException.usage("s3.lock.mode is '" + mode + "', needed is compliance or governance");
        }
        return period.isZero() ? Optional.empty() : Optional.of(new S3Settings.Lock(mode.equals("compliance"), period));
    }
}

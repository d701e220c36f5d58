package io.tidemark.mysql;

import io.tidemark.model.TidemarkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where a database is: {@code mariadb://user@host:port/database} or {@code mysql://...}, with the driver's options
 * behind a question mark.
 *
 * @param dialect what the scheme says of the server
 * @param options as they stand behind the question mark; empty text for none
 */
public record ServerAddress(Dialect dialect, String user, String host, int port, String database, String options) {
    private static final int DEFAULT_PORT = 3306;

    /**
     * Reads an address.
     *
     * @throws TidemarkException of kind USAGE if it is none
     */
    public static ServerAddress parse(String url) {
        try {
            URI uri = new URI(url);
            Dialect dialect = Dialect.ofEngine(String.valueOf(uri.getScheme()))
                    .orElseThrow(() -> new URISyntaxException(url, "the scheme is neither mariadb nor mysql"));
            if (uri.getHost() == null || uri.getPath().length() < 2) {
                throw new URISyntaxException(url, "host or database is missing");
            }
            String user = Optional.ofNullable(uri.getRawUserInfo())
                    .map(info -> info.replaceFirst(":.*", ""))
                    .filter(name -> !name.isEmpty())
                    .map(name -> URLDecoder.decode(name, StandardCharsets.UTF_8))
                    .orElse("root");
            return new ServerAddress(
                    dialect,
                    user,
                    uri.getHost(),
                    uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                    uri.getPath().substring(1),
                    uri.getRawQuery() == null ? "" : uri.getRawQuery());
        } catch (URISyntaxException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + url
                            + "' is not the address of a database; write mariadb://user@host:port/database or mysql://...",
                    e);
        }
    }

    /** The value of one of the options. */
    public Optional<String> option(String name) {
        for (String pair : options.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return Optional.of(pair.substring(name.length() + 1));
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return dialect.engine() + "://" + host + ":" + port + "/" + database;
    }
}

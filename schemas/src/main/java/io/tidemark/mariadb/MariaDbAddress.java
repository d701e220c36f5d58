package io.tidemark.mariadb;

import io.tidemark.model.TidemarkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where a MariaDB database is: {@code mariadb://user@host:port/database}, with the driver's options behind a question
 * mark.
 *
 * @param options as they stand behind the question mark; empty text for none
 */
public record MariaDbAddress(String user, String host, int port, String database, String options) {
    private static final int DEFAULT_PORT = 3306;

    /**
     * Reads an address.
     *
     * @throws TidemarkException of kind USAGE if it is none
     */
    public static MariaDbAddress parse(String url) {
        try {
            URI uri = new URI(url);
            if (!"mariadb".equals(uri.getScheme())
                    || uri.getHost() == null
                    || uri.getPath().length() < 2) {
                throw new URISyntaxException(url, "scheme, host or database is missing");
            }
            String user = Optional.ofNullable(uri.getRawUserInfo())
                    .map(info -> info.replaceFirst(":.*", ""))
                    .filter(name -> !name.isEmpty())
                    .map(name -> URLDecoder.decode(name, StandardCharsets.UTF_8))
                    .orElse("root");
            return new MariaDbAddress(
                    user,
                    uri.getHost(),
                    uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                    uri.getPath().substring(1),
                    uri.getRawQuery() == null ? "" : uri.getRawQuery());
        } catch (URISyntaxException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + url + "' is not a MariaDB address; write mariadb://user@host:port/database",
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
        return "mariadb://" + host + ":" + port + "/" + database;
    }
}

package io.tidemark.postgres;

import io.tidemark.model.TidemarkException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A libpq address, {@code postgresql://user@host:port/database?option=value}.
 *
 * @param user who connects, if the address says it
 * @param jdbcUrl the same for JDBC, without user and password
 */
record PostgresAddress(Optional<String> user, String jdbcUrl) {
    /**
     * Reads an address.
     *
     * @throws TidemarkException of kind USAGE if it is none
     */
    static PostgresAddress parse(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
                throw new URISyntaxException(url, "host or database is missing");
            }
            Optional<String> user = Optional.ofNullable(uri.getRawUserInfo())
                    .map(info -> info.replaceFirst(":.*", ""))
                    .filter(name -> !name.isEmpty())
                    .map(name -> URLDecoder.decode(name, StandardCharsets.UTF_8));
            int port = uri.getPort() < 0 ? 5432 : uri.getPort();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            return new PostgresAddress(
                    user, "jdbc:postgresql://" + uri.getHost() + ":" + port + uri.getRawPath() + query);
        } catch (URISyntaxException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.USAGE,
                    "'" + url + "' is not a PostgreSQL address; write postgresql://user@host:port/database",
                    e);
        }
    }
}

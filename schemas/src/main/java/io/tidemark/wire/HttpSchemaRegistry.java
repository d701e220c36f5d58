package io.tidemark.wire;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.model.TidemarkException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * A client of the Confluent Schema Registry REST protocol, of which it needs two calls: {@code POST
 * /subjects/{subject}/versions} and {@code GET /schemas/ids/{id}}. Apicurio and Karapace speak it too. A call that
 * fails for a passing reason is tried again for a while.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private record Registration(String subject, Schema schema) {}

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();

    /**
     * @param base the registry's address, with the path under which it serves the protocol
     */
    public HttpSchemaRegistry(URI base) {
        this.base = base.toString().endsWith("/") ? base : URI.create(base + "/");
    }

    @Override
    public int register(String subject, Schema schema) {
        return ids.computeIfAbsent(new Registration(subject, schema), r -> {
            String body = Json.text(Map.of("schema", schema.toString()));
            HttpRequest request = request("subjects/" + encode(subject) + "/versions")
                    .header("Content-Type", CONTENT_TYPE)
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return call(request, "register a schema as " + subject).get("id").asInt();
        });
    }

    @Override
    public Schema schema(int id) {
        return schemas.computeIfAbsent(id, key -> {
            HttpRequest request = request("schemas/ids/" + key).GET().build();
            return new Schema.Parser()
                    .parse(call(request, "fetch schema " + key).get("schema").asText());
        });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", CONTENT_TYPE);
    }

    private JsonNode call(HttpRequest request, String what) {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() == 200) {
                    return Json.mapper().readTree(response.body());
                }
                if (response.statusCode() < 500 || attempt == ATTEMPTS) {
                    throw refused(what, response);
                }
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw TidemarkException.transientFailure(
                            "cannot " + what + ": the schema registry at " + base
                                    + " does not answer; start it or correct registry.url",
                            e);
                }
            } catch (InterruptedException e) {
                throw interrupted(what, e);
            }
            pause(what);
        }
    }

    private TidemarkException refused(String what, HttpResponse<byte[]> response) {
        Kind kind = response.statusCode() == 404
                ? Kind.NOT_FOUND
                : response.statusCode() >= 500 ? Kind.TRANSIENT : Kind.PERMANENT;
        return new TidemarkException(
                kind,
                "cannot " + what + ": the schema registry at " + base + " answered " + response.statusCode() + " "
                        + new String(response.body(), StandardCharsets.UTF_8));
    }

    private static void pause(String what) {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        }
    }

    private static TidemarkException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return TidemarkException.transientFailure("interrupted while trying to " + what, e);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

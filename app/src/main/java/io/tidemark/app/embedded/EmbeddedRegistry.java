package io.tidemark.app.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.tidemark.app.embedded.SchemaTopic.Registered;
import io.tidemark.model.Json;
import io.tidemark.model.TidemarkException;
import io.tidemark.wire.KafkaSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * A schema registry inside this process. It serves the part of the Confluent Schema Registry REST protocol that
 * serializers and deserializers use, on 127.0.0.1.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Schema Registry API</a>
 */
public final class EmbeddedRegistry implements AutoCloseable {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int SUBJECT_NOT_FOUND = 40401;
    private static final int VERSION_NOT_FOUND = 40402;
    private static final int SCHEMA_NOT_FOUND = 40403;
    private static final int INVALID_SCHEMA = 42201;

    private final Map<String, List<Registered>> subjects = new TreeMap<>();
    private final Map<Integer, String> schemas = new TreeMap<>();
    private final SchemaTopic topic;
    private final Javalin server;

    private EmbeddedRegistry(KafkaSettings kafka, int port) {
        topic = SchemaTopic.open(kafka, this::remember);
        server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.routes.get("/subjects", ctx -> answer(ctx, 200, subjectNames()));
            config.routes.get("/subjects/{subject}/versions", ctx -> versions(ctx));
            config.routes.get("/subjects/{subject}/versions/{version}", ctx -> version(ctx));
            config.routes.post("/subjects/{subject}/versions", ctx -> register(ctx));
            config.routes.post("/subjects/{subject}", ctx -> lookUp(ctx));
            config.routes.get("/schemas/ids/{id}", ctx -> schema(ctx));
            config.routes.get("/schemas/types", ctx -> answer(ctx, 200, List.of("AVRO")));
            config.routes.get("/config", ctx -> answer(ctx, 200, Map.of("compatibilityLevel", "NONE")));
        });
        server.start("127.0.0.1", port);
    }

    /**
     * Starts a registry that keeps its schemas in Kafka.
     *
     * @param port to listen on; 0 takes a free one
     * @throws TidemarkException of kind PERMANENT if the port is taken
     */
    public static EmbeddedRegistry start(KafkaSettings kafka, int port) {
        try {
            return new EmbeddedRegistry(kafka, port);
        } catch (RuntimeException e) {
            if (e instanceof TidemarkException known) {
                throw known;
            }
            throw TidemarkException.permanent(
                    "the schema registry does not start on port " + port + ": " + e.getMessage()
                            + "; registry.port chooses another",
                    e);
        }
    }

    /** Where it serves. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port() + "/");
    }

    private synchronized void remember(Registered registered) {
        subjects.computeIfAbsent(registered.subject(), s -> new ArrayList<>()).add(registered);
        schemas.put(registered.id(), registered.schema());
    }

    private synchronized List<String> subjectNames() {
        return List.copyOf(subjects.keySet());
    }

    private synchronized void versions(Context ctx) {
        List<Registered> found = subjects.getOrDefault(ctx.pathParam("subject"), List.of());
        if (found.isEmpty()) {
            error(ctx, 404, SUBJECT_NOT_FOUND, "Subject not found.");
        } else {
            answer(ctx, 200, found.stream().map(Registered::version).toList());
        }
    }

    private synchronized void version(Context ctx) {
        List<Registered> found = subjects.getOrDefault(ctx.pathParam("subject"), List.of());
        String wanted = ctx.pathParam("version");
        Optional<Registered> version = wanted.equals("latest") || wanted.equals("-1")
                ? found.stream().reduce((first, second) -> second)
                : found.stream()
                        .filter(r -> wanted.equals(Integer.toString(r.version())))
                        .findFirst();
        if (version.isPresent()) {
            answer(ctx, 200, version.get());
        } else {
            error(ctx, 404, VERSION_NOT_FOUND, "Version not found.");
        }
    }

    private synchronized void register(Context ctx) {
        Optional<String> schema = schemaInBody(ctx);
        if (schema.isEmpty()) {
            return;
        }
        Optional<Registered> existing = find(ctx.pathParam("subject"), schema.get());
        int id = existing.map(Registered::id).orElseGet(() -> add(ctx.pathParam("subject"), schema.get()));
        answer(ctx, 200, Map.of("id", id));
    }

    private int add(String subject, String schema) {
        int id = schemas.entrySet().stream()
                .filter(e -> e.getValue().equals(schema))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(schemas.keySet().stream().reduce(0, Math::max) + 1);
        int version = subjects.getOrDefault(subject, List.of()).size() + 1;
        Registered registered = new Registered(subject, version, id, schema);
        topic.add(registered);
        remember(registered);
        return id;
    }

    private synchronized void lookUp(Context ctx) {
        Optional<String> schema = schemaInBody(ctx);
        if (schema.isEmpty()) {
            return;
        }
        Optional<Registered> existing = find(ctx.pathParam("subject"), schema.get());
        if (existing.isPresent()) {
            answer(ctx, 200, existing.get());
        } else {
            error(ctx, 404, SCHEMA_NOT_FOUND, "Schema not found.");
        }
    }

    private synchronized void schema(Context ctx) {
        String id = ctx.pathParam("id");
        String schema = id.matches("\\d{1,9}") ? schemas.get(Integer.valueOf(id)) : null;
        if (schema == null) {
            error(ctx, 404, SCHEMA_NOT_FOUND, "Schema not found.");
        } else {
            answer(ctx, 200, Map.of("schema", schema));
        }
    }

    private Optional<Registered> find(String subject, String schema) {
        return subjects.getOrDefault(subject, List.of()).stream()
                .filter(r -> r.schema().equals(schema))
                .findFirst();
    }

    /** The schema of a request in a form that does not depend on white space; answers the request if there is none. */
    private static Optional<String> schemaInBody(Context ctx) {
        try {
            JsonNode body = Json.mapper().readTree(ctx.bodyAsBytes());
            return Optional.of(
                    new Schema.Parser().parse(body.path("schema").asText()).toString());
        } catch (java.io.IOException | SchemaParseException e) {
            error(ctx, 422, INVALID_SCHEMA, "Invalid Avro schema: " + e.getMessage());
            return Optional.empty();
        }
    }

    private static void error(Context ctx, int status, int code, String message) {
        answer(ctx, status, Map.of("error_code", code, "message", message));
    }

    private static void answer(Context ctx, int status, Object body) {
        ctx.status(status).contentType(CONTENT_TYPE).result(Json.bytes(body));
    }

    @Override
    public void close() {
        server.stop();
        topic.close();
    }
}

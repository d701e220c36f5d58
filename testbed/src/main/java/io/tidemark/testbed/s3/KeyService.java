package io.tidemark.testbed.s3;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Speaks as much of AWS KMS's protocol as wrapping keys needs: Encrypt and Decrypt with an encryption context. There is no
 * key service that could be installed for tests.
 */
public final class KeyService implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, String> plaintexts = new ConcurrentHashMap<>();
    private final ObjectMapper json = new ObjectMapper();

    public KeyService() throws IOException {
        System.setProperty("aws.accessKeyId", "test-access-key");
        System.setProperty("aws.secretAccessKey", "test-secret-key");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody());
        String context = request.path("KeyId").asText() + request.path("EncryptionContext");
        int status = 200;
        Map<String, String> response;
        if (exchange.getRequestHeaders().getFirst("X-Amz-Target").endsWith(".Encrypt")) {
            String blob =
                    Base64.getEncoder().encodeToString(("blob " + plaintexts.size()).getBytes(StandardCharsets.UTF_8));
            plaintexts.put(blob + context, request.path("Plaintext").asText());
            response = Map.of(
                    "CiphertextBlob", blob, "KeyId", request.path("KeyId").asText());
        } else {
            String plaintext = plaintexts.get(request.path("CiphertextBlob").asText() + context);
            status = plaintext == null ? 400 : 200;
            response = plaintext == null
                    ? Map.of("__type", "InvalidCiphertextException", "message", "no")
                    : Map.of(
                            "Plaintext",
                            plaintext,
                            "KeyId",
                            request.path("KeyId").asText());
        }
        byte[] body = json.writeValueAsBytes(response);
        exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

package io.tidemark.testbed.registry;

import io.tidemark.testbed.Distributions;
import io.tidemark.testbed.Ports;
import io.tidemark.testbed.Programs;
import io.tidemark.testbed.ServerProcess;
import io.tidemark.testbed.Starts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Apicurio Registry from its own distribution, as a process. */
public final class Apicurio implements AutoCloseable {
    private static final int NEEDED_JAVA = 21;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final ServerProcess process;

    private Apicurio(Path java, Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path archive = Distributions.find("apicurio");
        Programs.run(List.of("tar", "-xzf", archive.toString(), "-C", directory.toString()));
        Path jar;
        try (Stream<Path> files = Files.walk(directory)) {
            jar = files.filter(f -> f.getFileName().toString().equals("quarkus-run.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no runnable jar in " + archive));
        }
        int port = Ports.free();
        url = URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7/");
        List<String> command = List.of(
                java.toString(),
                "-Xmx512m",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.enabled=false",
                "-jar",
                jar.toString());
        process = new ServerProcess("Apicurio", () -> command, directory.resolve("log"), this::serves, "KILL");
        process.start();
    }

    /** Starts it; empty if there is no Java that runs it. */
    public static Optional<Apicurio> start(Path directory) throws IOException, InterruptedException {
        Optional<Path> java = java();
        return java.isEmpty()
                ? Optional.empty()
                : Optional.of(Starts.timed("Apicurio", () -> new Apicurio(java.get(), directory)));
    }

    private boolean serves() throws InterruptedException {
        try {
            return http.send(
                                    HttpRequest.newBuilder(url.resolve("subjects"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            // Not listening yet.
            return false;
        }
    }

    /** This Java if it is new enough, else the newest installed one. */
    private static Optional<Path> java() throws IOException {
        if (Runtime.version().feature() >= NEEDED_JAVA) {
            return Optional.of(Path.of(System.getProperty("java.home"), "bin", "java"));
        }
        Path installed = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(installed)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(installed)) {
            for (Path home : homes.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Path release = home.resolve("release");
                if (Files.exists(release) && feature(Files.readAllLines(release)) >= NEEDED_JAVA) {
                    return Optional.of(home.resolve("bin").resolve("java"));
                }
            }
        }
        return Optional.empty();
    }

    private static int feature(List<String> release) {
        return release.stream()
                .filter(line -> line.startsWith("JAVA_VERSION=\""))
                .map(line -> line.replaceAll("JAVA_VERSION=\"(\\d+).*", "$1"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(0);
    }

    /** Where it serves Confluent's API. */
    public URI url() {
        return url;
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}

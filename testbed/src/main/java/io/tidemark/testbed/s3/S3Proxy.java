package io.tidemark.testbed.s3;

import io.tidemark.testbed.Distributions;
import io.tidemark.testbed.Ports;
import io.tidemark.testbed.ServerProcess;
import io.tidemark.testbed.Starts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * S3Proxy over a directory, as a process, with signatures checked. Starting it sets the credentials for this process.
 */
public final class S3Proxy implements AutoCloseable {
    public static final String BUCKET = "backup";
    private static final String ACCESS_KEY = "test-access-key";
    private static final String SECRET_KEY = "test-secret-key";

    private final Path directory;
    private final int port;
    private final ServerProcess process;

    private S3Proxy(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        port = Ports.free();
        Files.createDirectories(directory.resolve("data").resolve(BUCKET));
        process =
                new ServerProcess("S3Proxy", this::command, directory.resolve("log"), () -> Ports.isOpen(port), "KILL");
        process.start();
    }

    /** Starts it with an empty bucket. */
    public static S3Proxy start(Path directory) throws IOException, InterruptedException {
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", SECRET_KEY);
        return Starts.timed("S3Proxy", () -> new S3Proxy(directory));
    }

    private List<String> command() throws IOException {
        Path configuration = directory.resolve("s3proxy.conf");
        Files.writeString(
                configuration,
                String.join(
                        "\n",
                        "s3proxy.endpoint=http://127.0.0.1:" + port,
                        "s3proxy.authorization=aws-v4",
                        "s3proxy.identity=" + ACCESS_KEY,
                        "s3proxy.credential=" + SECRET_KEY,
                        "jclouds.provider=filesystem-nio2",
                        "jclouds.filesystem.basedir=" + directory.resolve("data"),
                        ""));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Distributions.find("s3proxy").toString(),
                "--properties",
                configuration.toString());
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** The location of a repository in the bucket. */
    public String location(String prefix) {
        return "s3://" + BUCKET + "/" + prefix + "?endpoint=" + endpoint() + "&path.style=true";
    }

    /** Where the server keeps an object, for tests that damage it. */
    public Path file(String prefix, String name) {
        return directory.resolve("data").resolve(BUCKET).resolve(prefix).resolve(name);
    }

    /** Ends the server; {@link #resume} brings it back with what it holds. */
    public void pause() throws IOException, InterruptedException {
        process.stop("KILL");
    }

    public void resume() throws IOException, InterruptedException {
        process.start();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}

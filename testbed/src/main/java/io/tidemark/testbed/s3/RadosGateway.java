package io.tidemark.testbed.s3;

import io.tidemark.testbed.Await;
import io.tidemark.testbed.DebianPackages;
import io.tidemark.testbed.Ports;
import io.tidemark.testbed.Starts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Ceph's S3 server over a cluster of one monitor and one daemon that keeps objects in memory; it keeps Object Lock. Needs
 * root, as the packages' programs do. Starting it sets the credentials for this process.
 */
public final class RadosGateway implements AutoCloseable {
    private static final String ACCESS_KEY = "test-access-key";
    private static final String SECRET_KEY = "test-secret-key";
    /** A key that the server knows for encrypting objects. */
    public static final String KMS_KEY = "test-kms-key";
    /** A storage class besides the one that everything has. */
    public static final String STORAGE_CLASS = "COLD";

    private static final Path BINARIES = Path.of("/usr/bin");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path directory;
    private final int port = Ports.free();
    private final List<Process> daemons = new CopyOnWriteArrayList<>();
    private final Thread atExit = new Thread(() -> daemons.forEach(Process::destroyForcibly));

    private RadosGateway(Path directory) throws IOException {
        this.directory = directory;
    }

    /** Starts it without a bucket; installs it if it is not there. */
    public static RadosGateway start(Path directory) throws IOException, InterruptedException {
        DebianPackages.require(BINARIES.resolve("radosgw"), "radosgw", "ceph-mon", "ceph-osd");
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", SECRET_KEY);
        System.setProperty("aws.region", "us-east-1");
        RadosGateway gateway = new RadosGateway(directory);
        try {
            return Starts.timed("Ceph", () -> {
                gateway.launch();
                return gateway;
            });
        } catch (IOException | InterruptedException | RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    private void launch() throws IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(atExit);
        int monitorPort = Ports.free();
        String cluster = UUID.randomUUID().toString();
        String osd = UUID.randomUUID().toString();
        for (String data : List.of("mon", "osd", "rgw")) {
            Files.createDirectories(directory.resolve(data));
        }
        Files.writeString(directory.resolve("ceph.conf"), configuration(cluster, monitorPort));
        String monitor = "[v2:127.0.0.1:" + monitorPort + "]";
        run("monmaptool", "--create", "--addv", "a", monitor, "--fsid", cluster, "monmap");
        run("ceph-mon", "-c", "ceph.conf", "--mkfs", "-i", "a", "--monmap", "monmap");
        daemon("ceph-mon", "-i", "a");
        run("ceph", "-c", "ceph.conf", "--connect-timeout", "60", "osd", "new", osd, "0");
        run("ceph-osd", "-c", "ceph.conf", "-i", "0", "--mkfs", "--osd-uuid", osd);
        daemon("ceph-osd", "-i", "0");
        run(
                "radosgw-admin",
                "-c",
                "ceph.conf",
                "user",
                "create",
                "--uid=test",
                "--display-name=test",
                "--access-key=" + ACCESS_KEY,
                "--secret=" + SECRET_KEY);
        addStorageClass();
        daemon("radosgw", "-n", "client.rgw.a");
        try {
            Await.until("the gateway serves", PATIENCE, () -> {
                if (!daemons.stream().allMatch(Process::isAlive)) {
                    throw new IOException("a daemon ended");
                }
                return Ports.isOpen(port);
            });
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | AssertionError e) {
            throw new IOException("the gateway does not start: " + Files.readString(directory.resolve("log")), e);
        }
    }

    private void addStorageClass() throws IOException, InterruptedException {
        String place = "--placement-id=default-placement";
        String name = "--storage-class=" + STORAGE_CLASS;
        run("radosgw-admin", "-c", "ceph.conf", "zonegroup", "placement", "add", place, name);
        run("radosgw-admin", "-c", "ceph.conf", "zone", "placement", "add", place, name, "--data-pool=cold");
    }

    private String configuration(String cluster, int monitorPort) {
        return String.join(
                "\n",
                "[global]",
                "fsid = " + cluster,
                "mon host = v2:127.0.0.1:" + monitorPort + "/0",
                "mon initial members = a",
                "auth cluster required = none",
                "auth service required = none",
                "auth client required = none",
                "osd pool default size = 1",
                "osd pool default min size = 1",
                "osd pool default pg num = 1",
                "osd crush chooseleaf type = 0",
                "mon allow pool size one = true",
                "run dir = " + directory,
                "admin socket = " + directory + "/$name.asok",
                "log file = " + directory + "/$name.log",
                "pid file = " + directory + "/$name.pid",
                "ms bind ipv6 = false",
                "public addr = 127.0.0.1",
                "cluster addr = 127.0.0.1",
                "setuser = root",
                "setgroup = root",
                "[mon.a]",
                "mon data = " + directory + "/mon",
                "[osd.0]",
                "osd data = " + directory + "/osd",
                "osd objectstore = memstore",
                "memstore device bytes = 1073741824",
                "[client.rgw.a]",
                "rgw frontends = beast endpoint=127.0.0.1:" + port,
                "rgw data = " + directory + "/rgw",
                "rgw crypt require ssl = false",
                "rgw crypt s3 kms backend = testing",
                "rgw crypt s3 kms encryption keys = " + KMS_KEY + "="
                        + Base64.getEncoder().encodeToString(new byte[32]),
                // Its default needs keys between the daemons.
                "ms mon client mode = crc",
                "");
    }

    private void daemon(String program, String option, String name) throws IOException {
        daemons.add(process(program, "-f", "-c", "ceph.conf", option, name).start());
    }

    private void run(String program, String... arguments) throws IOException, InterruptedException {
        Process process = process(program, arguments).start();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(program + " failed: " + Files.readString(directory.resolve("log")));
        }
    }

    private ProcessBuilder process(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(BINARIES.resolve(program).toString());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()));
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() throws InterruptedException {
        Runtime.getRuntime().removeShutdownHook(atExit);
        for (int i = daemons.size() - 1; i >= 0; i--) {
            daemons.get(i).destroyForcibly().waitFor();
        }
    }
}

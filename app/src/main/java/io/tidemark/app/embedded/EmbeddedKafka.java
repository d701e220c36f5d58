package io.tidemark.app.embedded;

import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** A real Kafka broker, with its controller, inside this process. Its data stays on disk. */
public final class EmbeddedKafka implements AutoCloseable {
    private static final int NODE = 1;

    private final KafkaRaftServer server;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Starts a broker on 127.0.0.1; blocks until it serves.
     *
     * @param port to listen on; 0 takes a free one
     * @throws TidemarkException of kind PERMANENT if it does not start
     */
    public static EmbeddedKafka start(Path directory, int port) {
        try {
            PrivateDirectory.create(directory);
            int brokerPort = port == 0 ? freePort() : port;
            Properties config = config(directory, brokerPort, freePort());
            format(directory);
            KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(config, false), Time.SYSTEM);
            server.startup();
            return new EmbeddedKafka(server, brokerPort);
        } catch (Exception e) {
            throw TidemarkException.permanent(
                    "the Kafka broker does not start in " + directory + " on port " + port + ": " + e.getMessage()
                            + "; is another one running, or the port taken? kafka.port chooses another",
                    e);
        }
    }

    private static Properties config(Path directory, int brokerPort, int controllerPort) {
        Properties config = new Properties();
        config.setProperty("node.id", Integer.toString(NODE));
        config.setProperty("process.roles", "broker,controller");
        config.setProperty("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        config.setProperty("controller.listener.names", "CONTROLLER");
        config.setProperty(
                "listeners", "PLAINTEXT://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        config.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + brokerPort);
        config.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        config.setProperty("log.dirs", directory.toString());
        config.setProperty("auto.create.topics.enable", "false");
        config.setProperty("default.replication.factor", "1");
        config.setProperty("offsets.topic.replication.factor", "1");
        config.setProperty("offsets.topic.num.partitions", "4");
        config.setProperty("offsets.retention.minutes", Integer.toString(60 * 24 * 365));
        config.setProperty("transaction.state.log.replication.factor", "1");
        config.setProperty("transaction.state.log.min.isr", "1");
        config.setProperty("transaction.state.log.num.partitions", "4");
        config.setProperty("share.coordinator.state.topic.replication.factor", "1");
        config.setProperty("share.coordinator.state.topic.min.isr", "1");
        config.setProperty("group.initial.rebalance.delay.ms", "0");
        config.setProperty("group.min.session.timeout.ms", "1000");
        config.setProperty("log.segment.bytes", Integer.toString(64 << 20));
        config.setProperty("log.retention.check.interval.ms", "10000");
        config.setProperty("num.network.threads", "2");
        config.setProperty("num.io.threads", "4");
        config.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        return config;
    }

    private static void format(Path directory) throws Exception {
        if (Files.exists(directory.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(directory.toString())
                .setMetadataLogDirectory(directory.toString())
                .setControllerListenerName("CONTROLLER")
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setIgnoreFormatted(true)
                .run();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Where clients connect. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}

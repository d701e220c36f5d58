package io.tidemark.app.embedded;

import io.tidemark.model.TidemarkException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A real PostgreSQL server from binaries on the class path, ready for logical decoding. Stops with the process. */
public final class EmbeddedPostgresServer implements AutoCloseable {
    private final EmbeddedPostgres server;

    private EmbeddedPostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /** Unpacks and starts a server on a free port; blocks until it serves. */
    public static EmbeddedPostgresServer start(Path workDirectory) {
        try {
            return new EmbeddedPostgresServer(EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(workDirectory.toFile())
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("max_wal_senders", "20")
                    .setServerConfig("max_replication_slots", "20")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("max_wal_size", "4GB")
                    .start());
        } catch (IOException e) {
            throw TidemarkException.permanent("PostgreSQL does not start: " + e.getMessage(), e);
        }
    }

    /** The address of a database of this server. */
    public String url(String database) {
        return "postgresql://postgres@127.0.0.1:" + server.getPort() + "/" + database;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

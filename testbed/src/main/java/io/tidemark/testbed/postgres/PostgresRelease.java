package io.tidemark.testbed.postgres;

import io.tidemark.testbed.Programs;
import io.tidemark.testbed.Templates;
import io.tidemark.testbed.Templates.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The releases of PostgreSQL that tests run. */
public enum PostgresRelease {
    /** As Debian installs it, with its tools. */
    V15("PostgreSQL 15") {
        @Override
        public boolean isInstalled() {
            return Files.exists(DEBIAN.resolve("initdb"));
        }

        @Override
        Path binaries() {
            return DEBIAN;
        }

        @Override
        String version() {
            return Templates.stamp(DEBIAN.resolve("postgres"));
        }
    },
    /** The newest, from binaries that the build brings along: the server alone. */
    V18("PostgreSQL 18") {
        @Override
        public boolean isInstalled() {
            return true;
        }

        @Override
        Path binaries() throws IOException, InterruptedException {
            return bundled().unpacked().resolve("bin");
        }

        @Override
        String version() {
            return bundled().jar();
        }
    };

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql/15/bin");

    private final String title;

    PostgresRelease(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    public abstract boolean isInstalled();

    abstract Path binaries() throws IOException, InterruptedException;

    abstract String version();

    private static Bundled bundled() {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        return Bundled.find("/postgres-linux-" + machine + ".txz");
    }

    /** The data directory that new servers begin with. */
    Path data() throws IOException, InterruptedException {
        Path binaries = binaries();
        return Templates.get(
                        "postgres-data-" + version(),
                        directory -> Programs.run(Programs.asNobodyIfRoot(List.of(
                                binaries.resolve("initdb").toString(),
                                "-D",
                                directory.resolve("data").toString(),
                                "-U",
                                "postgres",
                                "-A",
                                "trust",
                                "--no-sync",
                                "-E",
                                "UTF8",
                                "--locale=C"))))
                .resolve("data");
    }
}

package io.tidemark.testbed.sql;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.testbed.DebianPackages;
import io.tidemark.testbed.Effort;
import io.tidemark.testbed.Programs;
import io.tidemark.testbed.Templates;
import io.tidemark.testbed.Templates.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers that speak MySQL's language. */
public enum SqlProduct {
    /** As Debian installs it. */
    MARIADB("mariadb", "MariaDB") {
        @Override
        List<String> program() throws IOException, InterruptedException {
            DebianPackages.require(MARIADBD, "mariadb-server", "mariadb-client");
            return List.of(MARIADBD.toString(), "--no-defaults", "--innodb-log-file-size=256M");
        }

        @Override
        String session() {
            return "max_statement_time = 0";
        }

        @Override
        void makeData(Path data) throws IOException, InterruptedException {
            Programs.run(withUser(List.of(
                    "mariadb-install-db",
                    "--no-defaults",
                    "--datadir=" + data,
                    "--tmpdir=" + data.getParent(),
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-log-file-size=256M")));
        }
    },
    /**
     * Out of a package of the build, which comes without the client's programs: MariaDB's speak its language well enough.
     */
    MYSQL("mysql", "MySQL") {
        @Override
        List<String> program() throws IOException, InterruptedException {
            List<String> program = new ArrayList<>(mysqld());
            program.addAll(List.of(
                    "--innodb-log-file-size=128M",
                    // A dump flushes tables, which waits for statements that wait for rows of others that wait for the
                    // flush.
                    "--innodb-lock-wait-timeout=1",
                    "--gtid-mode=ON",
                    "--enforce-gtid-consistency=ON",
                    "--local-infile=ON",
                    "--mysqlx=OFF"));
            return program;
        }

        /** Its statistics, the values of counters among them, are a day old unless they are asked for again. */
        @Override
        String session() {
            return "information_schema_stats_expiry = 0";
        }

        @Override
        void makeData(Path data) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(mysqld());
            command.addAll(List.of(
                    "--initialize-insecure",
                    "--datadir=" + data,
                    "--tmpdir=" + data.getParent(),
                    "--innodb-log-file-size=128M"));
            Programs.run(withUser(command));
            // Each server gets an identity of its own when it starts.
            Files.delete(data.resolve("auto.cnf"));
        }
    };

    private static final Path MARIADBD = Path.of("/usr/sbin/mariadbd");
    private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");
    private static final String MYSQL_ARCHIVE = "/mysql-Linux-amd64.tar.gz";

    private final String scheme;
    private final String title;

    SqlProduct(String scheme, String title) {
        this.scheme = scheme;
        this.title = title;
    }

    /** The products that a test takes whose steps are the same for all of them; see {@link Effort#someOf}. */
    public static List<SqlProduct> some() {
        return Effort.someOf(List.of(values()));
    }

    /** How addresses of its servers begin: {@code mariadb}. */
    public String scheme() {
        return scheme;
    }

    String title() {
        return title;
    }

    /** The program that serves, and what only it is told; installed or unpacked now if it is not there. */
    abstract List<String> program() throws IOException, InterruptedException;

    /** What a session sets that the other product does not know. */
    abstract String session();

    abstract void makeData(Path data) throws IOException, InterruptedException;

    /** The data directory that new servers begin with. */
    Path data() throws IOException, InterruptedException {
        String version = Templates.stamp(Path.of(program().get(0)));
        return Templates.get(scheme + "-data-" + version, directory -> makeData(directory.resolve("data")))
                .resolve("data");
    }

    /** These servers run as root if they are told to. */
    static List<String> withUser(List<String> command) {
        if (!Programs.isRoot()) {
            return command;
        }
        List<String> all = new ArrayList<>(command);
        all.add("--user=root");
        return all;
    }

    private static List<String> mysqld() throws IOException, InterruptedException {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "the build has a MySQL server for Linux on amd64 only");
        DebianPackages.require(MARIADBD, "mariadb-server", "mariadb-client");
        DebianPackages.require(LIBRARIES.resolve("libaio.so.1"), "libaio1");
        DebianPackages.require(LIBRARIES.resolve("libnuma.so.1"), "libnuma1");
        Path home = Bundled.find(MYSQL_ARCHIVE).unpacked();
        return List.of(
                home.resolve("bin/mysqld").toString(),
                "--no-defaults",
                "--basedir=" + home,
                "--lc-messages-dir=" + home.resolve("share"),
                // Servers are killed, machines are not.
                "--innodb-flush-method=nosync");
    }
}

package io.tidemark.testbed;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Servers that come as packages of the distribution. Root installs what is missing; for others the tests are skipped. */
public final class DebianPackages {
    private static final Path APT = Path.of("/usr/bin/apt-get");
    /** A package's own script would start its server; while this is there it does not. */
    private static final Path POLICY = Path.of("/usr/sbin/policy-rc.d");
    /** Held while packages are installed, since test runs in other processes may want the same. */
    private static final Path LOCK = Path.of(
            System.getProperty("java.io.tmpdir"), "tidemark-packages-" + System.getProperty("user.name") + ".lock");

    private DebianPackages() {}

    /**
     * Makes sure that a program or library is there.
     *
     * @param packages that bring it
     */
    public static synchronized void require(Path file, String... packages) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (Files.notExists(file)) {
                bring(file, packages);
            }
        }
    }

    private static void bring(Path file, String... packages) throws IOException, InterruptedException {
        String names = String.join(" ", packages);
        assumeTrue(
                Files.isExecutable(APT) && "root".equals(System.getProperty("user.name")),
                () -> file + " is not there; install " + names);
        if (!install(packages)) {
            run("apt-get", "update");
            if (!install(packages)) {
                abort("the packages " + names + " cannot be installed");
            }
        }
    }

    private static boolean install(String... packages) throws IOException, InterruptedException {
        boolean ownPolicy = Files.notExists(POLICY);
        if (ownPolicy) {
            Files.writeString(POLICY, "#!/bin/sh\nexit 101\n");
            POLICY.toFile().setExecutable(true);
        }
        try {
            // A machine that loses power meanwhile installs them again.
            List<String> command = new ArrayList<>(List.of(
                    "apt-get", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-unsafe-io"));
            command.addAll(List.of(packages));
            return run(command.toArray(new String[0]));
        } finally {
            if (ownPolicy) {
                Files.delete(POLICY);
            }
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return false;
        }
        return process.exitValue() == 0;
    }
}

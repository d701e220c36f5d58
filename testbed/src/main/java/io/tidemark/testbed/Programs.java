package io.tidemark.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs of the system. */
public final class Programs {
    private Programs() {}

    /** Runs one, in a directory that every user can read. If it fails, the exception has what it printed. */
    public static void run(List<String> command) throws IOException, InterruptedException {
        // A server that was started goes on to hold the file.
        Path log = Files.createTempFile("program", ".log");
        Process process = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + String.join(" ", command) + ": " + Files.readString(log));
        }
        Files.delete(log);
    }

    /** Copies a directory with everything in it. */
    public static void copy(Path from, Path to) throws IOException, InterruptedException {
        run(List.of("cp", "-a", "--reflink=auto", from.toString(), to.toString()));
    }

    /** Sends a signal, like {@code QUIT}. */
    public static void signal(Process process, String signal) throws IOException, InterruptedException {
        signal(process.toHandle(), signal);
    }

    /** The same for any process. */
    static void signal(ProcessHandle process, String signal) throws IOException, InterruptedException {
        if (process.isAlive()) {
            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }

    /**
     * The command that starts a program which refuses to run as root: in a user namespace of its own, where the same user is
     * not root.
     */
    public static List<String> asNobodyIfRoot(List<String> command) {
        if (!isRoot()) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of("unshare", "-U"));
        all.addAll(command);
        return all;
    }

    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}

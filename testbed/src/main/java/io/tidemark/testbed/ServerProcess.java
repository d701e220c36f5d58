package io.tidemark.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server's process: started, stopped by its own id, and ended with this one. Not thread-safe. */
public final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    /** How it is started; what it prints goes to a log. */
    public interface Command {
        List<String> get() throws IOException, InterruptedException;
    }

    private final String title;
    private final Command command;
    private final Path log;
    private final Await.Condition serves;
    private final String end;
    private final Thread atExit = new Thread(this::kill);
    private @Nullable Process process;

    /**
     * @param serves whether it can be used
     * @param end the signal that ends it at once
     */
    public ServerProcess(String title, Command command, Path log, Await.Condition serves, String end) {
        this.title = title;
        this.command = command;
        this.log = log;
        this.serves = serves;
        this.end = end;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts it and waits until it can be used. */
    public void start() throws IOException, InterruptedException {
        Process started = new ProcessBuilder(command.get())
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        try {
            Await.until(title + " serves", PATIENCE, () -> {
                if (!started.isAlive()) {
                    throw new IOException("it ended with " + started.exitValue());
                }
                return serves.isMet();
            });
        } catch (InterruptedException e) {
            kill();
            throw e;
        } catch (Exception | AssertionError e) {
            kill();
            throw new IOException(title + " does not start: " + Files.readString(log), e);
        }
    }

    /**
     * Sends a signal, like {@code QUIT}, and waits for the end.
     *
     * @throws IOException if it did not end in time and was killed
     */
    public void stop(String signal) throws IOException, InterruptedException {
        Process running = process;
        if (running == null) {
            return;
        }
        Programs.signal(running, signal);
        if (!running.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            running.destroyForcibly().waitFor();
            throw new IOException(title + " did not end in " + STOP_PATIENCE + " after SIG" + signal);
        }
    }

    /**
     * Sends a signal, like {@code STOP}, to the server and to all processes that it started.
     */
    public void signal(String signal) throws IOException, InterruptedException {
        Process running = process;
        if (running == null) {
            return;
        }
        Programs.signal(running, signal);
        for (ProcessHandle child : running.descendants().toList()) {
            Programs.signal(child, signal);
        }
    }

    private void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** Ends it at once; what it holds is not needed any more. */
    @Override
    public void close() throws IOException {
        try {
            stop(end);
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}

package io.tidemark.restorer;

import io.tidemark.model.Json;
import io.tidemark.model.Position;
import io.tidemark.model.PrivateDirectory;
import io.tidemark.model.Sha256;
import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which steps of a restore were begun, in a file of one JSON object a line: first what is restored, then each step with what
 * the target calls its transaction, written before that is committed. Whether it was, the target knows; so no step is
 * ever done twice or left out. Losing the file costs beginning anew. Thread-safe.
 */
final class RestoreLog implements AutoCloseable {
    /**
     * What is restored into what.
     *
     * @param target as it names itself
     */
    record Plan(
            UUID repository,
            String source,
            Position at,
            String target,
            List<String> tables,
            boolean owners,
            boolean privileges) {}

    private record Step(String name, String transaction) {}

    private final Path file;
    private final FileChannel channel;
    private final Map<String, String> transactions = new HashMap<>();

    private RestoreLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Begins a restore; what was begun into the same target before is forgotten. */
    static RestoreLog begin(Path directory, Plan plan) {
        Path file = file(directory, plan);
        try {
            PrivateDirectory.create(directory);
            RestoreLog log = new RestoreLog(
                    file,
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE));
            log.write(plan);
            return log;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /**
     * Goes on with a restore.
     *
     * @throws TidemarkException of kind NOT_FOUND if none of this plan was interrupted
     */
    static RestoreLog resume(Path directory, Plan plan) {
        Path file = file(directory, plan);
        try {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
            Optional<Plan> interrupted = lines.isEmpty() ? Optional.empty() : read(lines.get(0), Plan.class);
            if (!interrupted.equals(Optional.of(plan))) {
                throw TidemarkException.notFound("no such restore into this target was interrupted here; "
                        + interrupted
                                .map(other -> "one of " + other.source() + " was: give --to-position " + other.at()
                                        + " and the options it had")
                                .orElse("begin anew with --allow-clear"));
            }
            RestoreLog log = new RestoreLog(file, FileChannel.open(file, StandardOpenOption.APPEND));
            for (String line : lines.subList(1, lines.size())) {
                // The last line may have been cut off; its step was not committed then.
                read(line, Step.class).ifPresent(step -> log.transactions.put(step.name(), step.transaction()));
            }
            log.channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
            return log;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static <T> Optional<T> read(String line, Class<T> type) {
        try {
            return Optional.of(Json.read(line.getBytes(StandardCharsets.UTF_8), type, "a line"));
        } catch (TidemarkException e) {
            return Optional.empty();
        }
    }

    private static Path file(Path directory, Plan plan) {
        String name = Sha256.of(plan.target().getBytes(StandardCharsets.UTF_8)).brief();
        return directory.resolve("restore-" + name + ".progress");
    }

    /** Whether a step was begun, and committed in the target. */
    boolean isDone(String step, Target target) {
        return transaction(step).filter(target::isCommitted).isPresent();
    }

    private synchronized Optional<String> transaction(String step) {
        return Optional.ofNullable(transactions.get(step));
    }

    /** A step is about to be committed. */
    synchronized void about(String step, String transaction) {
        try {
            write(new Step(step, transaction));
            transactions.put(step, transaction);
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private void write(Object line) throws IOException {
        byte[] json = (new String(Json.bytes(line), StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.wrap(json);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        channel.force(false);
    }

    /** Everything is restored. */
    void done() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    private static TidemarkException failure(Path file, IOException e) {
        return TidemarkException.permanent(
                "cannot keep the progress of the restore in " + file + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failure(file, e);
        }
    }
}

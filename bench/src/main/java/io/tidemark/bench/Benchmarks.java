package io.tidemark.bench;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs benchmarks: {@code SERVER-URL DIRECTORY [capture] [copy] [lag] [restore] [compaction] [amplification] [storage]}; all of them if none is named. */
public final class Benchmarks {
    private static final List<String> ALL =
            List.of("capture", "copy", "lag", "restore", "compaction", "amplification", "storage", "mariadb");

    private Benchmarks() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length < 2) {
            throw TidemarkException.usage("give the server's address, a directory and the benchmarks' names");
        }
        String server = arguments[0];
        Path directory = Path.of(arguments[1]);
        List<String> named = Arrays.asList(arguments).subList(2, arguments.length);
        for (String name : named.isEmpty() ? ALL : named) {
            clear(directory);
            switch (name) {
                case "capture" -> CaptureBenchmark.run(server, directory);
                case "copy" -> CopyBenchmark.run(server, directory);
                case "lag" -> LagBenchmark.run(server, directory);
                case "restore" -> RestoreBenchmark.run(server, directory);
                case "compaction" -> CompactionBenchmark.run(server, directory);
                case "amplification" -> AmplificationBenchmark.run(server, directory);
                case "storage" -> StorageBenchmark.run(server, directory);
                case "mariadb" -> MariaDbBenchmark.run(System.getenv("BENCH_MARIADB"), directory);
                default -> throw TidemarkException.usage("'" + name + "' is none of " + ALL);
            }
        }
        System.exit(0);
    }

    private static void clear(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(directory);
    }
}

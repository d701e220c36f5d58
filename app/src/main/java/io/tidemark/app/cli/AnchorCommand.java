package io.tidemark.app.cli;

import io.tidemark.model.Json;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.catalog.Anchor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tidemark anchor}. */
@Command(
        name = "anchor",
        mixinStandardHelpOptions = true,
        description = {
            "Write the end of the catalog's chain into a new file, to be kept where nobody who can write the repository can reach it.",
            "'verify --anchor FILE' proves later that nothing up to there was dropped, rolled back or written anew."
        })
final class AnchorCommand implements Callable<Integer> {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Parameters(index = "0", paramLabel = "FILE", description = "The file, which must not be there.")
    private Path file = Path.of("anchor.json");

    @Override
    public Integer call() throws IOException {
        try (Repository repository = options.openRepository()) {
            Anchor anchor = Anchor.of(repository, options.catalog(repository), Micros.of(Instant.now()));
            try {
                Files.write(file, Json.bytes(anchor), StandardOpenOption.CREATE_NEW);
            } catch (IOException e) {
                throw TidemarkException.permanent("cannot write the anchor " + file + ": " + e, e);
            }
            options.output()
                    .record(Output.row(
                            "commit", anchor.sequence(), "sha256", anchor.head().hex(), "file", file.toString()));
        }
        return 0;
    }

    /** Reads what was written. */
    static Anchor read(Path file) {
        try {
            return Json.read(Files.readAllBytes(file), Anchor.class, "the anchor " + file);
        } catch (IOException e) {
            throw new TidemarkException(
                    TidemarkException.Kind.NOT_FOUND, "cannot read the anchor " + file + ": " + e, e);
        }
    }
}

package io.tidemark.app.cli;

import io.tidemark.app.config.Key;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tidemark keys}. */
@Command(
        name = "keys",
        mixinStandardHelpOptions = true,
        description = "List the configuration keys with their defaults.")
final class KeysCommand implements Runnable {
    @Mixin
    private CommonOptions options = new CommonOptions();

    @Override
    public void run() {
        options.output()
                .table(Arrays.stream(Key.values())
                        .map(key -> Output.row(
                                "key",
                                key.text(),
                                "default",
                                key.defaultValue(),
                                "environment",
                                key.variable(),
                                "meaning",
                                key.help()))
                        .toList());
    }
}

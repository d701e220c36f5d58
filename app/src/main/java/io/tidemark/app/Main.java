package io.tidemark.app;

import io.tidemark.app.cli.TidemarkCommand;
import java.util.TimeZone;

/** The program's entry. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        System.exit(TidemarkCommand.execute(arguments));
    }
}

package io.tidemark.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;

/** Asks before something is lost. */
final class Confirmation {
    private Confirmation() {}

    /** Whether the answer is 'yes'; anything else is not, the end of the input among it. */
    static boolean of(String question) throws IOException {
        System.err.print(question + " Type yes: ");
        System.err.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        return "yes".equals(in.readLine());
    }
}

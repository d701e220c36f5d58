package io.tidemark.app.cli;

import java.io.PrintStream;

/**
 * Tells on standard error how far a long command is: a line that is written over on a terminal, plain lines elsewhere.
 * Thread-safe.
 */
public final class Progress {
    private final PrintStream err;
    private final boolean terminal;
    private int width;

    public Progress() {
        err = System.err;
        // The launcher knows; Java 17 cannot tell whether standard error is a terminal.
        terminal = Boolean.getBoolean("tidemark.terminal");
    }

    /** Replaces the line that is shown. */
    public synchronized void show(String text) {
        if (terminal) {
            err.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
            err.flush();
            width = text.length();
        } else {
            err.println(text);
        }
    }

    /** Keeps what is shown and goes to the next line. */
    public synchronized void done() {
        if (terminal && width > 0) {
            err.println();
            width = 0;
        }
    }
}

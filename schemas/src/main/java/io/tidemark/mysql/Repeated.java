package io.tidemark.mysql;

import java.util.Optional;

/** Statements that are run until they change nothing any more, and say so in a comment before their text. */
public final class Repeated {
    private static final String MARK = "/* until nothing changes */ ";

    private Repeated() {}

    /** The text of a statement that is to be repeated. */
    public static String text(String statement) {
        return MARK + statement;
    }

    /** What is to be repeated; empty if the text is no such statement. */
    public static Optional<String> statement(String text) {
        return text.startsWith(MARK) ? Optional.of(text.substring(MARK.length())) : Optional.empty();
    }
}

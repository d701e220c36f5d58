package io.tidemark.mysql;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The comment of a capture's table of heartbeats, which says what it is for.
 *
 * @param database that is captured
 * @param repository for which
 */
public record CaptureMark(String database, String repository) {
    private static final Pattern TEXT = Pattern.compile("Tidemark heartbeats of (.*) for repository ([^ ]+)");

    /** Reads a comment; empty if it is another one. */
    public static Optional<CaptureMark> parse(String comment) {
        Matcher matcher = TEXT.matcher(comment);
        return matcher.matches() ? Optional.of(new CaptureMark(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    @Override
    public String toString() {
        return "Tidemark heartbeats of " + database + " for repository " + repository;
    }
}

package io.tidemark.ingest.mysql;

import io.tidemark.mysql.Identifiers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a database's name from before the names of what is in it: a statement that runs again in another database must not
 * reach back into the one that it comes from. Stateless.
 */
final class Unqualified {
    private static final String LITERAL = "'(?:[^'\\\\]++|\\\\.|'')*+'|\"(?:[^\"\\\\]++|\\\\.|\"\")*+\"";
    private static final String NAME = "(?:`(?:[^`]|``)+`|[\\p{L}_$][\\w$]*+)";
    /** Where the part of a definition begins that is run some time later, and is kept as it is. */
    private static final Pattern BODY =
            Pattern.compile("(?i)\\bFOR\\s+EACH\\s+ROW\\b|\\bON\\s+SCHEDULE\\b|\\(|\\b[AI]S\\b");

    private static final Pattern WITH_BODY = Pattern.compile(
            "(?is)^CREATE\\b(?:(?!\\bTABLE\\b|\\bVIEW\\b)[^(])*?\\b(?:PROCEDURE|FUNCTION|TRIGGER|EVENT|PACKAGE)\\b.*");
    private static final Pattern QUALIFIED =
            Pattern.compile(LITERAL + "|(" + NAME + "\\s*\\.\\s*" + NAME + ")|" + NAME, Pattern.DOTALL);

    private Unqualified() {}

    /** A plain statement without the database's name; what a routine, a trigger or an event does stays as it is. */
    static String in(Tables covered, String sql) {
        Matcher body = BODY.matcher(sql);
        int end = WITH_BODY.matcher(sql).matches() && body.find() ? body.start() : sql.length();
        return strip(covered, sql.substring(0, end)) + sql.substring(end);
    }

    private static String strip(Tables covered, String sql) {
        Pattern pattern = Pattern.compile(
                LITERAL + "|(?<![\\w$.])(" + Pattern.quote(Identifiers.quote(covered.database())) + "|"
                        + Pattern.quote(covered.database()) + ")\\s*\\.\\s*(?=[\\w$`])|`(?:[^`]|``)*`",
                Pattern.DOTALL | (covered.lowerCase() ? Pattern.CASE_INSENSITIVE : 0));
        return pattern.matcher(sql)
                .replaceAll(match -> match.group(1) == null ? Matcher.quoteReplacement(match.group()) : "");
    }

    /** Whether a statement names something by the name of what it is in. */
    static boolean isQualified(String sql) {
        return QUALIFIED.matcher(sql).results().anyMatch(match -> match.group(1) != null);
    }
}

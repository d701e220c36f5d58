package io.tidemark.ingest.mysql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Statements as a server of some version reads them: comments are gone, and what stands in executable ones is part of the
 * text if that server executes it. Stateless.
 *
 * @see <a href="https://mariadb.com/kb/en/comment-syntax/">MariaDB: comment syntax</a>
 * @see <a href="https://dev.mysql.com/doc/refman/8.0/en/comments.html">MySQL: comments</a>
 */
final class StatementText {
    private static final Pattern VERSION = Pattern.compile("^(\\d+)\\.(\\d+)\\.(\\d+)");
    private static final Pattern EXECUTABLE = Pattern.compile("/\\*(M?)!(\\d{5,6})?");
    private static final Pattern MAY_HAVE_COMMENTS = Pattern.compile("/\\*|--|#");
    /** Versions that MySQL had after the two parted; MariaDB does not take their comments for its own. */
    private static final int MYSQLS_FIRST = 50_700;

    private static final int MYSQLS_LAST = 50_999;

    private final boolean mariaDb;
    private final int version;

    /** @param version as the server tells it */
    StatementText(String version) {
        Matcher numbers = VERSION.matcher(version);
        mariaDb = version.contains("MariaDB");
        this.version = numbers.find()
                ? Integer.parseInt(numbers.group(1)) * 10_000
                        + Integer.parseInt(numbers.group(2)) * 100
                        + Integer.parseInt(numbers.group(3))
                : Integer.MAX_VALUE;
    }

    /** The text without what the server passes over. */
    String plain(String sql) {
        return MAY_HAVE_COMMENTS.matcher(sql).find() ? withoutComments(sql).strip() : sql.strip();
    }

    private String withoutComments(String sql) {
        StringBuilder plain = new StringBuilder(sql.length());
        Matcher executable = EXECUTABLE.matcher(sql);
        int within = 0;
        int i = 0;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c == '\'' || c == '"' || c == '`') {
                int end = endOfQuoted(sql, i);
                plain.append(sql, i, end);
                i = end;
            } else if (within > 0 && sql.startsWith("*/", i)) {
                within--;
                plain.append(' ');
                i += 2;
            } else if (executable.region(i, sql.length()).lookingAt() && isExecuted(executable)) {
                within++;
                plain.append(' ');
                i = executable.end();
            } else if (sql.startsWith("/*", i)) {
                plain.append(' ');
                i = behind(sql, "*/", i + 2);
            } else if (c == '#' || isDashes(sql, i)) {
                plain.append(' ');
                i = behind(sql, "\n", i);
            } else {
                plain.append(c);
                i++;
            }
        }
        return plain.toString();
    }

    private boolean isExecuted(Matcher executable) {
        if (!executable.group(1).isEmpty() && !mariaDb) {
            return false;
        }
        if (executable.group(2) == null) {
            return true;
        }
        int since = Integer.parseInt(executable.group(2));
        boolean mysqls = executable.group(1).isEmpty() && since >= MYSQLS_FIRST && since <= MYSQLS_LAST;
        return since <= version && !(mariaDb && mysqls);
    }

    private static boolean isDashes(String sql, int start) {
        return sql.startsWith("--", start)
                && (start + 2 == sql.length() || Character.isWhitespace(sql.charAt(start + 2)));
    }

    private static int behind(String sql, String end, int start) {
        int found = sql.indexOf(end, start);
        return found < 0 ? sql.length() : found + end.length();
    }

    /** Doubled quotes are two texts in a row; a backslash escapes in texts and not in names. */
    private static int endOfQuoted(String sql, int start) {
        char quote = sql.charAt(start);
        for (int i = start + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '\\' && quote != '`') {
                i++;
            } else if (c == quote) {
                return i + 1;
            }
        }
        return sql.length();
    }
}

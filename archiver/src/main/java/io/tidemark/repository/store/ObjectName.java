package io.tidemark.repository.store;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/**
 * The name of an object: path segments of plain characters, joined by slashes, so that it means the same in a file
 * system, in a URL and in a bucket.
 */
public record ObjectName(@JsonValue String text) implements Comparable<ObjectName> {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");

    @JsonCreator
    public ObjectName {
        if (!isValid(text)) {
            throw new IllegalArgumentException("not an object name: " + text);
        }
    }

    /** Whether an object can have this name. */
    public static boolean isValid(String text) {
        return text.length() <= 900 && VALID.matcher(text).matches();
    }

    @Override
    public int compareTo(ObjectName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}

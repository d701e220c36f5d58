package io.tidemark.model;

import org.jspecify.annotations.Nullable;

/**
 * The one root of Tidemark's errors. The message is a sentence that says what went wrong, where, and what to do; the
 * {@link Kind} says what a caller may do about it and which exit code a command ends with.
 */
public final class TidemarkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What sort of failure this is, from the point of view of whoever has to react. */
    public enum Kind {
        /** The request itself is wrong: a bad option, time or configuration key. */
        USAGE(2),
        /** Stored data is missing, altered or unreadable with the given key. */
        VERIFICATION(3),
        /** What was asked for does not exist: a source, a moment, a table. */
        NOT_FOUND(4),
        /** A person must act before trying again makes sense. */
        PERMANENT(1),
        /** The same call may succeed later: a lost connection, a timeout. */
        TRANSIENT(1),
        /** Another process has taken over this one's work; this one must end. */
        FENCED(1),
        /** A source's changes cannot be followed any further; capturing it must begin anew. */
        STREAM_LOST(1);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        /** The process exit code a command ends with when it fails this way. */
        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    public TidemarkException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public TidemarkException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** A request that cannot be carried out as it was put. */
    public static TidemarkException usage(String message) {
        return new TidemarkException(Kind.USAGE, message);
    }

    /** Changes of a source that cannot be followed any further; the reason is kept with the gap. */
    public static TidemarkException streamLost(String reason) {
        return new TidemarkException(Kind.STREAM_LOST, reason);
    }

    /** Stored data that is not what the catalog promises. */
    public static TidemarkException corrupt(String message) {
        return new TidemarkException(Kind.VERIFICATION, message);
    }

    /** Stored data that is not what the catalog promises, with the failure that showed it. */
    public static TidemarkException corrupt(String message, Throwable cause) {
        return new TidemarkException(Kind.VERIFICATION, message, cause);
    }

    /** Something that does not exist. */
    public static TidemarkException notFound(String message) {
        return new TidemarkException(Kind.NOT_FOUND, message);
    }

    /** A failure that needs a person. */
    public static TidemarkException permanent(String message) {
        return new TidemarkException(Kind.PERMANENT, message);
    }

    /** A failure that needs a person, with its cause. */
    public static TidemarkException permanent(String message, Throwable cause) {
        return new TidemarkException(Kind.PERMANENT, message, cause);
    }

    /** A failure that may pass by itself. */
    public static TidemarkException transientFailure(String message, Throwable cause) {
        return new TidemarkException(Kind.TRANSIENT, message, cause);
    }
}

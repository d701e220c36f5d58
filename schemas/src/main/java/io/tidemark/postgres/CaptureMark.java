package io.tidemark.postgres;

/** How the schema of a capture is known in its database: by its comment, which begins so. */
public final class CaptureMark {
    public static final String TEXT = "Tidemark capture of this database";

    private CaptureMark() {}
}

package io.tidemark.mysql;

/** Texts that give a number of 32 bits back exactly, which the server's own, of six digits, do not. */
public final class FloatText {
    private FloatText() {}

    /** The shortest that the server takes: it reads with 64 bits, in which the largest one's shortest is too large. */
    public static String of(float value) {
        return Math.abs(value) == Float.MAX_VALUE ? Double.toString(value) : Float.toString(value);
    }

    /** The same, of the server's text of the number with 64 bits. */
    public static String ofDouble(String text) {
        return of((float) Double.parseDouble(text));
    }
}

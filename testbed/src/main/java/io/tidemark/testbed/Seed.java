package io.tidemark.testbed;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * The one seed of all random tests of a process: {@code -Dtidemark.seed=N} gives it, else it is drawn. A test that fails says
 * which it was, and the command that repeats it.
 */
public final class Seed {
    static final String PROPERTY = "tidemark.seed";
    private static final long VALUE =
            Optional.ofNullable(Long.getLong(PROPERTY)).orElseGet(System::nanoTime);

    private Seed() {}

    public static long value() {
        return VALUE;
    }

    /** Random numbers that begin with the seed. */
    public static Random random() {
        return new Random(VALUE);
    }

    /** How a test is repeated with the same random numbers. */
    static String repeat(String testClass, String method) {
        return "seed " + VALUE + "; this repeats it: ./mvnw verify -pl " + System.getProperty("tidemark.module", ".")
                + " -am -Dtest='" + testClass + "#" + method + "*' -D" + PROPERTY + "=" + VALUE + " -Dtidemark.effort="
                + System.getProperty("tidemark.effort", "1");
    }

    /** Tells the seed with each failure of a Jupiter test. Found by JUnit as a service. */
    public static final class Told implements TestExecutionExceptionHandler {
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            failure.addSuppressed(new Repeated(repeat(
                    context.getRequiredTestClass().getSimpleName(),
                    context.getRequiredTestMethod().getName())));
            throw failure;
        }
    }

    /** Stands beside a failure to say how to repeat it. */
    static final class Repeated extends Exception {
        private static final long serialVersionUID = 1;

        Repeated(String how) {
            super(how, null, false, false);
        }
    }
}

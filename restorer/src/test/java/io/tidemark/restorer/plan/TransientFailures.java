package io.tidemark.restorer.plan;

import io.tidemark.model.TidemarkException;
import java.io.IOException;

/** Does what workers do when a store fails them: the same again. */
final class TransientFailures {
    private static final int MAX_ATTEMPTS = 2_000;

    private TransientFailures() {}

    /** Something that may fail. */
    interface Work<T> {
        T run() throws IOException;
    }

    /** Something that may fail and gives nothing. */
    interface Task {
        void run() throws IOException;
    }

    static <T> T outlast(Work<T> work) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.run();
            } catch (TidemarkException e) {
                if (e.kind() != TidemarkException.Kind.TRANSIENT || attempt == MAX_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    static void outlast(Task task) throws IOException {
        outlast(() -> {
            task.run();
            return true;
        });
    }
}

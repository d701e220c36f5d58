package io.tidemark.repository;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.store.ObjectContent;
import io.tidemark.repository.store.ObjectName;
import io.tidemark.repository.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Tries whether a store keeps its promise that of several puts under one name exactly one wins. */
final class PutIfAbsent {
    private static final int PUTS = 8;

    private PutIfAbsent() {}

    /**
     * Puts a probe, several at once and one more, and deletes it.
     *
     * @throws TidemarkException of kind PERMANENT if the store does not keep the promise
     */
    static void require(ObjectStore store) throws IOException {
        ObjectName probe = new ObjectName("probe-" + UUID.randomUUID());
        try {
            int winners = race(store, probe);
            boolean late = store.putIfAbsent(probe, ObjectContent.of(new byte[] {PUTS}));
            if (winners != 1 || late) {
                throw TidemarkException.permanent("the store " + store.location()
                        + " overwrites objects that exist (it ignores If-None-Match), so two writers could destroy each"
                        + " other's commits; use a store with conditional writes");
            }
        } finally {
            store.delete(probe);
        }
    }

    private static int race(ObjectStore store, ObjectName probe) throws IOException {
        ExecutorService executor = Executors.newFixedThreadPool(PUTS);
        try {
            List<Callable<Boolean>> puts = new ArrayList<>();
            for (byte i = 0; i < PUTS; i++) {
                byte[] content = {i};
                puts.add(() -> store.putIfAbsent(probe, ObjectContent.of(content)));
            }
            int winners = 0;
            for (Future<Boolean> put : executor.invokeAll(puts)) {
                winners += put.get() ? 1 : 0;
            }
            return winners;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while trying the store", e);
        } finally {
            executor.shutdownNow();
        }
    }
}

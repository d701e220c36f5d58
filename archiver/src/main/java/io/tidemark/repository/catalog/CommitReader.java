package io.tidemark.repository.catalog;

import io.tidemark.model.TidemarkException;
import io.tidemark.repository.Repository;
import io.tidemark.repository.RepositoryLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Reads many commits at once and hands them over in order; a store that is far away makes waiting the cost of each. */
final class CommitReader {
    private static final int AT_ONCE = 32;

    /** A commit's number, and what is stored under it. */
    record Read(long sequence, Optional<Repository.Stored> stored) {}

    private final Repository repository;

    CommitReader(Repository repository) {
        this.repository = repository;
    }

    /** Reads the commits of these numbers. */
    void read(List<Long> sequences, Consumer<Read> consumer) {
        ExecutorService executor = Executors.newFixedThreadPool(Math.max(1, Math.min(AT_ONCE, sequences.size())));
        Deque<Future<Read>> underWay = new ArrayDeque<>();
        try {
            for (long sequence : sequences) {
                if (underWay.size() == AT_ONCE) {
                    consumer.accept(await(underWay.remove()));
                }
                underWay.add(
                        executor.submit(() -> new Read(sequence, repository.find(RepositoryLayout.commit(sequence)))));
            }
            while (!underWay.isEmpty()) {
                consumer.accept(await(underWay.remove()));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static Read await(Future<Read> read) {
        try {
            return read.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TidemarkException failure
                    ? failure
                    : new IllegalStateException("reading a commit failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw TidemarkException.transientFailure("interrupted while reading the catalog", e);
        }
    }
}

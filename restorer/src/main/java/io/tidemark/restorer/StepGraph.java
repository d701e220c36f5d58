package io.tidemark.restorer;

import io.tidemark.model.TidemarkException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Steps of which some need others to be done before, carried out by several threads. Of those that can begin, steps that
 * had to wait come first, since what they continue is still in the server's memory; among them, and among the rest, the
 * order is that of adding. For one thread.
 */
final class StepGraph {
    /** What a step does. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    private record Step(Work work, Set<Integer> needs, List<Integer> neededBy) {}

    /** How long steps that were interrupted are waited for. */
    private static final Duration END = Duration.ofSeconds(10);

    private final List<Step> steps = new ArrayList<>();

    /**
     * Adds a step.
     *
     * @param needs numbers of steps that were added before
     * @return its number
     */
    int add(Work work, Set<Integer> needs) {
        int number = steps.size();
        steps.add(new Step(work, Set.copyOf(needs), new ArrayList<>()));
        needs.forEach(needed -> steps.get(needed).neededBy().add(number));
        return number;
    }

    /**
     * Carries all out; the first failure, or an interruption, interrupts those that are under way.
     *
     * @param stop ends what does not hear interruptions
     */
    void run(int threads, Runnable stop) throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        CompletionService<Integer> underWay = new ExecutorCompletionService<>(executor);
        int[] open = steps.stream().mapToInt(step -> step.needs().size()).toArray();
        PriorityQueue<Integer> ready = new PriorityQueue<>(
                Comparator.comparing((Integer number) -> !hadToWait(number)).thenComparing(number -> number));
        for (int i = 0; i < open.length; i++) {
            if (open[i] == 0) {
                ready.add(i);
            }
        }
        int begun = 0;
        try {
            for (int done = 0; done < open.length; done++) {
                for (; begun - done < threads && !ready.isEmpty(); begun++) {
                    int next = ready.remove();
                    underWay.submit(() -> {
                        steps.get(next).work().run();
                        return next;
                    });
                }
                for (int waiting : steps.get(underWay.take().get()).neededBy()) {
                    if (--open[waiting] == 0) {
                        ready.add(waiting);
                    }
                }
            }
            executor.shutdown();
        } catch (ExecutionException e) {
            TidemarkException failure = e.getCause() instanceof TidemarkException known
                    ? known
                    : TidemarkException.permanent("the restore failed: " + e.getMessage(), e);
            end(executor, stop, failure);
            throw failure;
        } catch (InterruptedException e) {
            end(executor, stop, e);
            throw e;
        }
    }

    private static void end(ExecutorService executor, Runnable stop, Exception reason) throws InterruptedException {
        executor.shutdownNow();
        try {
            stop.run();
        } catch (TidemarkException e) {
            reason.addSuppressed(e);
        }
        executor.awaitTermination(END.toSeconds(), TimeUnit.SECONDS);
    }

    private boolean hadToWait(int number) {
        return !steps.get(number).needs().isEmpty();
    }
}

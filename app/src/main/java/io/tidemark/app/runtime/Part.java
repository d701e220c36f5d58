package io.tidemark.app.runtime;

import io.tidemark.model.GrowingPause;
import io.tidemark.model.Micros;
import io.tidemark.model.TidemarkException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One part of the work for a source, in a thread of its own. Whatever fails is said and tried again, with growing pauses,
 * until {@link #stop()}; other parts don't notice. Only where another process has taken over does it end by itself. Safe
 * from any thread.
 */
final class Part {
    private static final Logger LOG = LoggerFactory.getLogger(Part.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** A copy that fails in the same way each time must not be a burden for ever. */
    private static final Duration FIRST_PAUSE_OF_COPIES = Duration.ofSeconds(15);

    private static final Duration LONGEST_PAUSE_OF_COPIES = Duration.ofMinutes(30);
    /** Who worked for so long after a failure is well again. */
    private static final Duration WELL_AFTER = Duration.ofSeconds(10);
    /** The same failure is said again after this. */
    private static final long REMIND_MICROS = Duration.ofMinutes(10).toNanos() / 1000;

    private static final Duration INTERRUPT_PATIENCE = Duration.ofSeconds(2);

    /** The work itself: runs once, until it fails or {@link #stop} is called, which may be before {@link #run}. */
    interface Task {
        void run(Consumer<String> doing) throws InterruptedException;

        void stop();

        /** A task of its two methods. */
        static Task of(Body body, Runnable stop) {
            return new Task() {
                @Override
                public void run(Consumer<String> doing) throws InterruptedException {
                    body.run(doing);
                }

                @Override
                public void stop() {
                    stop.run();
                }
            };
        }

        /** The first of them. */
        interface Body {
            void run(Consumer<String> doing) throws InterruptedException;
        }
    }

    /** Makes the task for the next attempt. */
    interface Attempts {
        Task next() throws InterruptedException;
    }

    private final String source;
    private final String name;
    private final Attempts attempts;
    private final Consumer<String> onFatal;
    private final Clock clock;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<@Nullable Task> current = new AtomicReference<>();
    private final GrowingPause pauses = new GrowingPause(FIRST_PAUSE, LONGEST_PAUSE);
    private final GrowingPause pausesOfCopies = new GrowingPause(FIRST_PAUSE_OF_COPIES, LONGEST_PAUSE_OF_COPIES);
    private PartState state;
    private String said = "";
    private long saidMicros;

    private Part(String source, String name, Attempts attempts, Consumer<String> onFatal, Clock clock) {
        this.source = source;
        this.name = name;
        this.attempts = attempts;
        this.onFatal = onFatal;
        this.clock = clock;
        state = PartState.starting(name, Micros.of(clock.instant()));
        thread = new Thread(this::keepGoing, name + "-" + source);
        thread.setDaemon(true);
    }

    /**
     * Starts it.
     *
     * @param onFatal is told why the whole process must end, like a lack of memory
     */
    static Part start(String source, String name, Attempts attempts, Consumer<String> onFatal, Clock clock) {
        Part part = new Part(source, name, attempts, onFatal, clock);
        part.thread.start();
        return part;
    }

    private void keepGoing() {
        try {
            while (!isStopped()) {
                try {
                    attempt();
                    return;
                } catch (TidemarkException e) {
                    if (e.kind() == TidemarkException.Kind.FENCED) {
                        LOG.error("{} of {} ends: {}", name, source, e.getMessage());
                        change(before -> before.ended(text(e), now()));
                        return;
                    }
                    failed(e);
                } catch (RuntimeException | LinkageError | AssertionError e) {
                    failed(e);
                }
            }
        } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
            LOG.debug("{} of {} was interrupted", name, source, e);
        } catch (VirtualMachineError e) {
            // Nothing in this process can be relied on any more.
            onFatal.accept(name + " of " + source + " failed: " + e);
            throw e;
        }
    }

    private void attempt() throws InterruptedException {
        Task task = attempts.next();
        current.set(task);
        if (isStopped()) {
            task.stop();
        }
        task.run(doing -> change(before -> before.doing(doing, now())));
    }

    private void failed(Throwable error) throws InterruptedException {
        if (isStopped()) {
            LOG.warn("{} of {} failed while it was stopped: {}", name, source, text(error));
            return;
        }
        if (error instanceof org.apache.kafka.common.errors.InterruptException interrupted) {
            throw interrupted;
        }
        Duration wait = pause(error);
        change(before -> before.failed(text(error), now()));
        if (!said.equals(text(error)) || now() - saidMicros >= REMIND_MICROS) {
            say(error, wait);
            said = text(error);
            saidMicros = now();
        }
        boolean unused = stopped.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Duration pause(Throwable error) {
        PartState before = change(UnaryOperator.identity());
        if (before.isCopying()) {
            boolean passes =
                    error instanceof TidemarkException known && known.kind() == TidemarkException.Kind.TRANSIENT;
            return passes ? pauses.next() : pausesOfCopies.next();
        }
        if (before.hasWorkedFor(pauses.longest(), now())) {
            pauses.reset();
            pausesOfCopies.reset();
        }
        return pauses.next();
    }

    private void say(Throwable error, Duration wait) {
        String where = name + " of " + source;
        if (error instanceof TidemarkException known && known.kind() == TidemarkException.Kind.STREAM_LOST) {
            LOG.warn("{} begins anew: {}", where, text(error));
        } else {
            LOG.warn(
                    "{} failed and is tried again in {} ms: {}",
                    where,
                    wait.toMillis(),
                    text(error),
                    error instanceof TidemarkException ? null : error);
        }
    }

    private static String text(Throwable error) {
        return error instanceof TidemarkException ? String.valueOf(error.getMessage()) : error.toString();
    }

    private synchronized PartState change(UnaryOperator<PartState> step) {
        state = step.apply(state);
        return state;
    }

    private long now() {
        return Micros.of(clock.instant());
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** What it does, and what it failed of last if that was not long ago. */
    PartState state() {
        return change(now -> now.hasWorkedFor(WELL_AFTER, now()) ? now.well() : now);
    }

    /** Asks it to end soon. */
    void stop() {
        stopped.countDown();
        Task task = current.get();
        if (task != null) {
            task.stop();
        }
    }

    /**
     * Waits for the end of a part that was stopped; what does not end in time is interrupted, and left behind.
     *
     * @return whether it ended
     */
    boolean join(Deadline deadline) throws InterruptedException {
        if (deadline.join(thread)) {
            return true;
        }
        thread.interrupt();
        boolean hasEnded = Deadline.in(INTERRUPT_PATIENCE).join(thread);
        if (!hasEnded) {
            LOG.warn("{} of {} does not end and is left behind", name, source);
        }
        return hasEnded;
    }
}

package io.tidemark.app.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.model.TidemarkException;
import io.tidemark.testbed.Await;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicReference<String> fatal = new AtomicReference<>("");
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void endTasks() {
        release.countDown();
    }

    private Part start(Part.Attempts attempts) {
        return Part.start("shop", "work", attempts, fatal::set, Clock.systemUTC());
    }

    /** Works until it is stopped. */
    private Part.Task working() {
        return Part.Task.of(
                doing -> {
                    doing.accept("running");
                    release.await();
                },
                release::countDown);
    }

    private static Part.Task failing(Supplier<Throwable> failure) {
        return Part.Task.of(
                doing -> {
                    doing.accept("running");
                    PartTest.<RuntimeException>raise(failure.get());
                },
                () -> {});
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable failure) throws T {
        throw (T) failure;
    }

    /** What a thread may throw that another attempt may be spared. */
    enum Failure {
        OF_A_PERSON(() -> TidemarkException.permanent("the password is wrong")),
        OF_TIME(() -> new TidemarkException(TidemarkException.Kind.TRANSIENT, "no answer")),
        OF_DATA(() -> TidemarkException.corrupt("damaged")),
        OF_A_STREAM(() -> TidemarkException.streamLost("the slot is gone")),
        OF_A_PROGRAM(() -> new IllegalStateException("a fault")),
        OF_A_CLASS(() -> new NoClassDefFoundError("gone")),
        OF_AN_ASSERTION(() -> new AssertionError("not so"));

        private final Supplier<Throwable> thrown;

        Failure(Supplier<Throwable> thrown) {
            this.thrown = thrown;
        }
    }

    @ParameterizedTest
    @EnumSource
    void triesAgainWhateverFailed(Failure failure) throws Exception {
        Part part = start(() -> attempts.incrementAndGet() < 3 ? failing(failure.thrown) : working());

        Await.until(
                "the third attempt works",
                PATIENCE,
                () -> attempts.get() == 3 && part.state().doing().equals("running"));
        PartState state = part.state();
        part.stop();

        assertThat(state.attempts()).isEqualTo(2);
        assertThat(state.failure().orElseThrow())
                .contains(String.valueOf(failure.thrown.get().getMessage()));
        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
    }

    @Test
    void triesAgainWhatCannotBeMade() throws Exception {
        Part part = start(() -> {
            if (attempts.incrementAndGet() < 3) {
                throw TidemarkException.permanent("no topics");
            }
            return working();
        });

        Await.until(
                "the third attempt works", PATIENCE, () -> part.state().doing().equals("running"));
        part.stop();

        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
    }

    @Test
    void endsWhereAnotherProcessHasTakenOver() throws Exception {
        Part part = start(() -> {
            attempts.incrementAndGet();
            return failing(() -> new TidemarkException(TidemarkException.Kind.FENCED, "taken over"));
        });

        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
        assertThat(part.state().hasEnded()).isTrue();
        assertThat(part.state().failure()).contains("taken over");
        assertThat(attempts).hasValue(1);
    }

    @Test
    void tellsWhatNothingSurvives() throws Exception {
        Part part = start(() -> failing(() -> new OutOfMemoryError("heap")));

        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
        assertThat(fatal).hasValue("work of shop failed: java.lang.OutOfMemoryError: heap");
    }

    @Test
    void stopsBetweenAttempts() throws Exception {
        Part part = start(() -> failing(() -> TidemarkException.permanent("never")));

        Await.until("it failed", PATIENCE, () -> part.state().attempts() > 0);
        part.stop();

        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
    }

    @Test
    void leavesBehindWhatDoesNotEnd() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Part part = start(() -> Part.Task.of(
                doing -> {
                    attempts.incrementAndGet();
                    while (never.getCount() > 0) {
                        try {
                            never.await();
                        } catch (InterruptedException e) {
                            attempts.incrementAndGet();
                        }
                    }
                },
                () -> {}));

        Await.until("it hangs", PATIENCE, () -> attempts.get() == 1);
        part.stop();

        assertThat(part.join(Deadline.in(Duration.ofMillis(1)))).isFalse();
        assertThat(attempts).hasValue(2);
        never.countDown();
        assertThat(part.join(Deadline.in(PATIENCE))).isTrue();
    }
}

package io.tidemark.restorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.model.TidemarkException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StepGraphTest {
    @Property(tries = 200)
    void everyStepRunsOnceBehindThoseItNeeds(
            @ForAll @IntRange(min = 0, max = 60) int count,
            @ForAll @IntRange(min = 1, max = 5) int threads,
            @ForAll long seed)
            throws InterruptedException {
        Random random = new Random(seed);
        StepGraph graph = new StepGraph();
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        List<String> early = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger atOnce = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            int number = i;
            Set<Integer> needs = new HashSet<>();
            for (int k = random.nextInt(4); k > 0 && i > 0; k--) {
                needs.add(random.nextInt(i));
            }
            graph.add(
                    () -> {
                        if (atOnce.incrementAndGet() > threads || !done.containsAll(needs)) {
                            early.add(number + " needs " + needs + ", done are " + done);
                        }
                        done.add(number);
                        atOnce.decrementAndGet();
                    },
                    needs);
        }
        graph.run(threads, () -> {});
        assertThat(early).isEmpty();
        assertThat(done).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void whatHadToWaitComesBeforeWhatHadNot() throws InterruptedException {
        List<String> done = new ArrayList<>();
        StepGraph graph = new StepGraph();
        int first = graph.add(() -> done.add("rows of a"), Set.of());
        int second = graph.add(() -> done.add("rows of b"), Set.of());
        graph.add(() -> done.add("index of b"), Set.of(second));
        graph.add(() -> done.add("index of a"), Set.of(first));
        graph.run(1, () -> {});
        assertThat(done).containsExactly("rows of a", "index of a", "rows of b", "index of b");
    }

    @Test
    void aFailureStopsWhatRunsAndNothingElseBegins() {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean stopped = new AtomicBoolean();
        StepGraph graph = new StepGraph();
        graph.add(
                () -> {
                    running.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.set(true);
                    }
                },
                Set.of());
        int failing = graph.add(
                () -> {
                    running.await();
                    throw TidemarkException.permanent("the disk of the target is full");
                },
                Set.of());
        graph.add(() -> stopped.set(false), Set.of(failing));
        assertThatThrownBy(() -> graph.run(2, () -> {
                    stopped.set(true);
                    throw TidemarkException.permanent("the target does not answer");
                }))
                .hasMessage("the disk of the target is full")
                .hasSuppressedException(TidemarkException.permanent("the target does not answer"));
        assertThat(interrupted).isTrue();
        assertThat(stopped).isTrue();
    }
}

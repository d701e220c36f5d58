package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every object store promises; each implementation has a subclass. */
abstract class ObjectStoreContract {
    abstract ObjectStore open() throws IOException;

    @Test
    void anObjectIsReadAsItWasPut() throws IOException {
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("a/b/c.seg");

            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[] {1, 2, 3, 4})))
                    .isTrue();

            assertThat(store.stat(name).orElseThrow().bytes()).isEqualTo(4);
            try (ObjectReader reader = store.open(name).orElseThrow()) {
                byte[] part = new byte[2];
                reader.readFully(1, part, 0, 2);
                assertThat(part).containsExactly(2, 3);
                assertThatThrownBy(() -> reader.readFully(3, part, 0, 2)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aSecondPutChangesNothing() throws IOException {
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("x");
            store.putIfAbsent(name, ObjectContent.of(new byte[] {1}));

            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[] {2, 3})))
                    .isFalse();

            assertThat(store.stat(name).orElseThrow().bytes()).isEqualTo(1);
        }
    }

    @Test
    void ofManyPutsAtOnceExactlyOneWins() throws Exception {
        int writers = 8;
        ExecutorService executor = Executors.newFixedThreadPool(writers);
        try (ObjectStore store = open()) {
            for (int round = 0; round < 20; round++) {
                ObjectName name = new ObjectName("race-" + round);
                CyclicBarrier together = new CyclicBarrier(writers);
                List<Callable<Boolean>> puts = new ArrayList<>();
                for (byte i = 0; i < writers; i++) {
                    byte[] content = {i};
                    puts.add(() -> {
                        together.await();
                        return store.putIfAbsent(name, ObjectContent.of(content));
                    });
                }
                int winners = 0;
                for (Future<Boolean> put : executor.invokeAll(puts)) {
                    winners += put.get() ? 1 : 0;
                }
                assertThat(winners).as("round %d", round).isEqualTo(1);
            }
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void absentObjectsAreAbsent() throws IOException {
        try (ObjectStore store = open()) {
            assertThat(store.open(new ObjectName("none"))).isEmpty();
            assertThat(store.stat(new ObjectName("none"))).isEmpty();
        }
    }

    @Test
    void namesAreListedByPrefixInOrder() throws IOException {
        try (ObjectStore store = open()) {
            for (String name : List.of("catalog/3", "catalog/1", "catalog/2", "other/1")) {
                store.putIfAbsent(new ObjectName(name), ObjectContent.of(new byte[0]));
            }
            List<String> listed = new ArrayList<>();

            store.list("catalog/", "", found -> listed.add(found.name().text()));

            assertThat(listed).containsExactly("catalog/1", "catalog/2", "catalog/3");
        }
    }

    @Test
    void listingGoesOnBehindAName() throws IOException {
        try (ObjectStore store = open()) {
            for (int i = 0; i < 5; i++) {
                store.putIfAbsent(new ObjectName("catalog/" + i), ObjectContent.of(new byte[i]));
            }
            List<StoredObject> listed = new ArrayList<>();

            store.list("catalog/", "catalog/2", listed::add);

            assertThat(listed).extracting(found -> found.name().text()).containsExactly("catalog/3", "catalog/4");
            assertThat(listed).extracting(StoredObject::bytes).containsExactly(3L, 4L);
        }
    }

    @Test
    void whatIsDeletedIsGone() throws IOException {
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("a/b");
            store.putIfAbsent(name, ObjectContent.of(new byte[10]));

            assertThat(store.delete(name)).isEqualTo(Deletion.DELETED);

            assertThat(store.open(name)).isEmpty();
            assertThat(store.delete(name)).isEqualTo(Deletion.ABSENT);
            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[3]))).isTrue();
        }
    }

    @Test
    void emptyObjectsAreObjects() throws IOException {
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("empty");
            store.putIfAbsent(name, ObjectContent.of(new byte[0]));

            try (ObjectReader reader = store.open(name).orElseThrow()) {
                assertThat(reader.lengthBytes()).isZero();
            }
        }
    }

    @Test
    void aLargeObjectIsReadForwardsAndBackwards() throws IOException {
        byte[] content = new byte[20_000_001];
        new Random(7).nextBytes(content);
        try (ObjectStore store = open()) {
            ObjectName name = new ObjectName("large");
            assertThat(store.putIfAbsent(name, ObjectContent.of(content))).isTrue();
            assertThat(store.putIfAbsent(name, ObjectContent.of(new byte[content.length])))
                    .isFalse();

            try (ObjectReader reader = store.open(name).orElseThrow()) {
                byte[] read = new byte[content.length];
                for (int at = 0; at < read.length; at += 65_552) {
                    reader.readFully(at, read, at, Math.min(65_552, read.length - at));
                }
                assertThat(Arrays.equals(read, content)).isTrue();
                byte[] tail = new byte[100];
                for (int at : List.of(content.length - 100, 0, 9_000_000, 8_999_950, 17)) {
                    reader.readFully(at, tail, 0, 100);
                    assertThat(Arrays.equals(tail, 0, 100, content, at, at + 100))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void unfinishedPutsOfLongAgoAreAbandonedAndOthersAreNot() throws IOException {
        try (ObjectStore store = open()) {
            store.putIfAbsent(new ObjectName("done"), ObjectContent.of(new byte[1]));

            assertThat(store.abandonUnfinished(Instant.now().plusSeconds(60))).isZero();
            assertThat(store.open(new ObjectName("done"))).isPresent();
        }
    }

    @Test
    void namesCannotLeaveTheStore() {
        assertThatThrownBy(() -> new ObjectName("../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ObjectName("/a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ObjectName("a//b")).isInstanceOf(IllegalArgumentException.class);
    }
}

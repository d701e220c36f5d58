package io.tidemark.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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

            assertThat(store.size(name)).hasValue(4);
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

            assertThat(store.size(name)).hasValue(1);
        }
    }

    @Test
    void ofManyPutsAtOnceExactlyOneWins() throws Exception {
        try (ObjectStore store = open()) {
            ExecutorService executor = Executors.newFixedThreadPool(8);
            List<Callable<Boolean>> puts = new ArrayList<>();
            for (byte i = 0; i < 40; i++) {
                byte[] content = {i};
                puts.add(() -> store.putIfAbsent(new ObjectName("race"), ObjectContent.of(content)));
            }
            int winners = 0;
            for (Future<Boolean> put : executor.invokeAll(puts)) {
                winners += put.get() ? 1 : 0;
            }
            executor.shutdown();
            assertThat(winners).isEqualTo(1);
        }
    }

    @Test
    void absentObjectsAreAbsent() throws IOException {
        try (ObjectStore store = open()) {
            assertThat(store.open(new ObjectName("none"))).isEmpty();
            assertThat(store.size(new ObjectName("none"))).isEmpty();
        }
    }

    @Test
    void namesAreListedByPrefixInOrder() throws IOException {
        try (ObjectStore store = open()) {
            for (String name : List.of("catalog/3", "catalog/1", "catalog/2", "other/1")) {
                store.putIfAbsent(new ObjectName(name), ObjectContent.of(new byte[0]));
            }
            List<String> listed = new ArrayList<>();

            store.list("catalog/", name -> listed.add(name.text()));

            assertThat(listed).containsExactly("catalog/1", "catalog/2", "catalog/3");
        }
    }

    @Test
    void namesCannotLeaveTheStore() {
        assertThatThrownBy(() -> new ObjectName("../etc/passwd")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ObjectName("/a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ObjectName("a//b")).isInstanceOf(IllegalArgumentException.class);
    }
}

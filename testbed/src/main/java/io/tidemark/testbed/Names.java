package io.tidemark.testbed;

import java.util.concurrent.atomic.AtomicInteger;

/** Names for what stands on shared servers. Thread-safe. */
public final class Names {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private Names() {}

    /** A name that nothing else has in this test process: the given one and a number, fit for databases and for sources. */
    public static String unique(String name) {
        return name + "x" + NEXT.incrementAndGet();
    }
}

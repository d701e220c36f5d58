package io.tidemark.restorer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** Sessions in one target, each used by one thread at a time; made when none is free. Thread-safe. */
final class TargetSessions implements AutoCloseable {
    private final Target target;
    private final List<Target> sessions = new ArrayList<>();
    private final Deque<Target> free = new ArrayDeque<>();

    TargetSessions(Target target) {
        this.target = target;
    }

    /** Does something in a session of the caller's own. */
    void use(Consumer<Target> use) {
        Target session = take();
        use.accept(session);
        // One that failed is not used again.
        giveBack(session);
    }

    private synchronized Target take() {
        Target session = free.poll();
        if (session == null) {
            session = target.session();
            sessions.add(session);
        }
        return session;
    }

    private synchronized void giveBack(Target session) {
        free.push(session);
    }

    /** Ends the statements that are running. */
    synchronized void cancel() {
        sessions.stream().filter(session -> !free.contains(session)).forEach(Target::cancel);
    }

    @Override
    public synchronized void close() {
        sessions.forEach(Target::close);
    }
}

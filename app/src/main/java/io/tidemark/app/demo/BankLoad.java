package io.tidemark.app.demo;

import io.tidemark.model.TidemarkException;
import io.tidemark.postgres.PostgresConnections;
import io.tidemark.postgres.Queries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Concurrent transactions as a bank has them: transfers between accounts, whose total never moves, inserts, deletes,
 * updates that leave large columns alone, changes of keys, rollbacks, savepoints, a table without a key. What each
 * worker does depends on the seed; how they interleave does not. Lost connections are opened anew.
 */
public final class BankLoad implements AutoCloseable {
    private static final int ACCOUNTS = 1_000;
    private static final int DOCUMENTS = 100;
    private static final int MAX_AMOUNT = 100;

    private static final String SCHEMA = """
            CREATE TYPE standing AS ENUM ('new', 'good', 'watched');
            CREATE TABLE account (id bigint PRIMARY KEY, owner text NOT NULL, standing standing NOT NULL DEFAULT 'new',
                                  balance numeric(14, 2) NOT NULL CHECK (balance > -1000000));
            CREATE TABLE transfer (id bigserial PRIMARY KEY, payer bigint NOT NULL REFERENCES account, payee bigint NOT NULL REFERENCES account,
                                   amount numeric(14, 2) NOT NULL, booked_at timestamptz NOT NULL DEFAULT clock_timestamp());
            CREATE INDEX transfer_payer ON transfer (payer);
            CREATE TABLE document (id int PRIMARY KEY, title text, body text, scan bytea, version int NOT NULL DEFAULT 0);
            ALTER TABLE document ALTER body SET STORAGE EXTERNAL;
            CREATE TABLE event (at timestamptz NOT NULL, what text, detail jsonb);
            ALTER TABLE event REPLICA IDENTITY FULL;
            CREATE VIEW total AS SELECT sum(balance) AS balance FROM account;
            """;

    private final PostgresConnections connections;
    private final long seed;
    private final long pauseMillis;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> workers = new ArrayList<>();

    /**
     * @param pauseMillis how long each worker rests after a transaction
     */
    public BankLoad(PostgresConnections connections, long seed, long pauseMillis) {
        this.connections = connections;
        this.seed = seed;
        this.pauseMillis = pauseMillis;
    }

    /** Makes tables and accounts. */
    public void createTables() throws SQLException {
        try (Connection sql = connections.sql()) {
            Queries.execute(sql, "SET search_path = public");
            Queries.execute(sql, SCHEMA);
            Queries.execute(
                    sql,
                    "INSERT INTO account SELECT i, 'owner ' || i, 'good', 1000 FROM generate_series(1, " + ACCOUNTS
                            + ") i");
            Queries.execute(
                    sql,
                    "INSERT INTO document SELECT i, 'document ' || i, (SELECT string_agg(md5(i::text || j), '') FROM generate_series(1, 300) j), "
                            + "decode(md5(i::text), 'hex'), 0 FROM generate_series(1, " + DOCUMENTS + ") i");
        }
    }

    /** Starts so many workers. */
    public void start(int count) {
        for (int i = 0; i < count; i++) {
            Random random = new Random(seed + i);
            int worker = i;
            Thread thread = new Thread(() -> work(worker, random), "bank-" + i);
            workers.add(thread);
            thread.start();
        }
    }

    /** How many transactions were committed so far. */
    public long transactions() {
        return transactions.get();
    }

    private void work(int worker, Random random) {
        while (!stopped.get()) {
            try (Connection sql = connections.sql()) {
                Queries.execute(sql, "SET search_path = public");
                sql.setAutoCommit(false);
                while (!stopped.get()) {
                    transaction(sql, worker, random);
                    sql.commit();
                    transactions.incrementAndGet();
                    Thread.sleep(pauseMillis);
                }
            } catch (SQLException e) {
                rest(PostgresConnections.failure("the load failed", e));
            } catch (TidemarkException e) {
                rest(e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** A lost connection or a deadlock is part of life; anything else ends the load. */
    private void rest(TidemarkException e) {
        if (e.kind() != TidemarkException.Kind.TRANSIENT
                && !String.valueOf(e.getMessage()).contains("deadlock")) {
            failure.compareAndSet(null, e);
            stopped.set(true);
        }
    }

    private static void transaction(Connection sql, int worker, Random random) throws SQLException {
        int kind = random.nextInt(100);
        if (kind < 50) {
            transfer(sql, random);
        } else if (kind < 62) {
            execute(sql, "UPDATE document SET version = version + 1 WHERE id = ?", 1 + random.nextInt(DOCUMENTS));
        } else if (kind < 68) {
            execute(
                    sql,
                    "UPDATE document SET body = (SELECT string_agg(md5(?::text || j), '') FROM generate_series(1, 300) j) WHERE id = ?",
                    random.nextInt(),
                    1 + random.nextInt(DOCUMENTS));
        } else if (kind < 80) {
            event(sql, worker, random);
        } else if (kind < 86) {
            rename(sql, random);
        } else if (kind < 92) {
            transfer(sql, random);
            sql.rollback();
        } else {
            withSavepoint(sql, random);
        }
    }

    private static void transfer(Connection sql, Random random) throws SQLException {
        long a = 1L + random.nextInt(ACCOUNTS);
        long b = 1L + random.nextInt(ACCOUNTS);
        int amount = 1 + random.nextInt(MAX_AMOUNT);
        // Lower id first, so that workers do not wait for each other in a circle.
        execute(sql, "UPDATE account SET balance = balance + ? WHERE id = ?", a < b ? -amount : amount, Math.min(a, b));
        execute(sql, "UPDATE account SET balance = balance + ? WHERE id = ?", a < b ? amount : -amount, Math.max(a, b));
        execute(sql, "INSERT INTO transfer (payer, payee, amount) VALUES (?, ?, ?)", a, b, amount);
    }

    private static void event(Connection sql, int worker, Random random) throws SQLException {
        switch (random.nextInt(4)) {
            case 0 ->
                execute(
                        sql,
                        "DELETE FROM event WHERE ctid IN (SELECT ctid FROM event WHERE what = ? LIMIT 2)",
                        "worker " + worker);
            case 1 ->
                execute(
                        sql,
                        "UPDATE event SET detail = '{\"seen\": true}' WHERE what = ? AND detail IS NULL",
                        "worker " + worker);
            default ->
                execute(
                        sql,
                        "INSERT INTO event SELECT date_trunc('hour', now()), ?, NULL FROM generate_series(1, 2)",
                        "worker " + worker);
        }
    }

    /** A new key for a document, without touching its body: the large value does not travel with the change. */
    private static void rename(Connection sql, Random random) throws SQLException {
        int id = 1 + random.nextInt(DOCUMENTS);
        execute(sql, "UPDATE document SET id = -id WHERE id = ?", id);
        execute(sql, "UPDATE document SET id = -id, version = version + 1 WHERE id = ?", -id);
    }

    private static void withSavepoint(Connection sql, Random random) throws SQLException {
        transfer(sql, random);
        Queries.execute(sql, "SAVEPOINT s");
        transfer(sql, random);
        if (random.nextBoolean()) {
            Queries.execute(sql, "ROLLBACK TO SAVEPOINT s");
        }
        execute(
                sql,
                "DELETE FROM transfer WHERE id IN (SELECT id FROM transfer ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)");
    }

    private static void execute(Connection sql, String text, Object... parameters) throws SQLException {
        try (PreparedStatement statement = sql.prepareStatement(text)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.execute();
        }
    }

    /** Stops the workers and tells if one failed. */
    @Override
    public void close() {
        stopped.set(true);
        try {
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Throwable error = failure.get();
        if (error != null) {
            throw TidemarkException.permanent("the load failed: " + error.getMessage(), error);
        }
    }
}

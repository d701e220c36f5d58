package io.tidemark.testbed;

import io.tidemark.testbed.postgres.PostgresRelease;
import io.tidemark.testbed.postgres.PostgresServer;
import io.tidemark.testbed.s3.S3Proxy;
import io.tidemark.testbed.sql.SqlProduct;
import io.tidemark.testbed.sql.SqlServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;

/**
 * What a test stands on: a directory that is gone afterwards, and real servers. Those called "own" are this test's alone and
 * end with it. The others are started once per test process and are as new before each test; whoever changes their settings
 * or stops them needs one of their own. As a static field it lasts for all tests of a class.
 *
 * <pre>{@code
 * @RegisterExtension
 * final Testbed testbed = new Testbed();
 * }</pre>
 */
public final class Testbed implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(Testbed.class);

    private final Deque<AutoCloseable> own = new ArrayDeque<>();
    private Optional<Store> store = Optional.empty();
    private Path directory = Path.of("");
    private boolean ofClass;

    /** Starts something that all tests of a process share. */
    public interface Starter<T> {
        T start(Path directory) throws IOException, InterruptedException;
    }

    /** A server that is made as new after each test that used it. */
    private interface Clearing {
        void clear() throws Exception;
    }

    /** A shared thing with its directory. Whatever the store keeps is closed at the end of the test process. */
    private record Shared<T extends AutoCloseable>(T thing, Path directory) implements AutoCloseable {
        static <T extends AutoCloseable> Shared<T> start(String name, Starter<T> starter) {
            try {
                Path directory = Directories.create("shared-" + name);
                Directories.deleteAtExit(directory);
                return new Shared<>(starter.start(directory), directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while " + name + " was started", e);
            }
        }

        @Override
        public void close() throws Exception {
            thing.close();
            Directories.delete(directory);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        ofClass = true;
        open(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        if (!ofClass) {
            open(context);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (!ofClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        close();
    }

    private void open(ExtensionContext context) throws IOException {
        store = Optional.of(context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE));
        directory = Directories.create(context.getRequiredTestClass().getSimpleName());
        Directories.deleteAtExit(directory);
        own.push(() -> Directories.delete(directory));
    }

    /** Closes everything, whatever fails. */
    private void close() throws Exception {
        Throwable failure = null;
        while (!own.isEmpty()) {
            try {
                own.pop().close();
            } catch (Throwable e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof Exception exception) {
            throw exception;
        }
    }

    /** The test's own directory; other users may enter it. */
    public Path directory() {
        return directory;
    }

    /** A place in the test's directory. */
    public Path resolve(String other) {
        return directory.resolve(other);
    }

    /** What all tests of this process share; started when it is asked for first. */
    public <T extends AutoCloseable> T shared(Class<T> type, String name, Starter<T> starter) {
        Object shared = store.orElseThrow().computeIfAbsent(name, key -> Shared.start(name, starter));
        return type.cast(((Shared<?>) shared).thing());
    }

    private void clearAfterwards(Clearing server) {
        own.push(server::clear);
    }

    /** The newest release, without tools. */
    public PostgresServer postgres() {
        return postgres(PostgresRelease.V18);
    }

    /** A release that came with {@code pg_dump}; where none is installed the test is skipped and says so. */
    public PostgresServer postgresWithTools() {
        return postgres(PostgresRelease.V15);
    }

    private PostgresServer postgres(PostgresRelease release) {
        require(release);
        PostgresServer server =
                shared(PostgresServer.class, release.name(), directory -> PostgresServer.start(release, directory));
        clearAfterwards(server::clear);
        return server;
    }

    private static void require(PostgresRelease release) {
        Assumptions.assumeTrue(release.isInstalled(), "PostgreSQL " + release + " is not installed here");
    }

    /** A server that only this test uses. */
    public PostgresServer ownPostgres(PostgresRelease release, String name) throws IOException, InterruptedException {
        require(release);
        return owned(PostgresServer.start(release, resolve(name)));
    }

    /** MariaDB or MySQL. */
    public SqlServer sql(SqlProduct product) {
        SqlServer server = shared(SqlServer.class, product.name(), directory -> SqlServer.start(product, directory));
        clearAfterwards(server::clear);
        return server;
    }

    /** A server that only this test uses, with more options than all have. */
    public SqlServer ownSql(SqlProduct product, String name, String... options)
            throws IOException, InterruptedException {
        return owned(SqlServer.start(product, resolve(name), options));
    }

    /** A server of S3 whose bucket all tests share; each takes another prefix. */
    public S3Proxy s3() {
        return shared(S3Proxy.class, "s3proxy", S3Proxy::start);
    }

    /** A server of S3 that only this test uses. */
    public S3Proxy ownS3() throws IOException, InterruptedException {
        return owned(S3Proxy.start(resolve("s3")));
    }

    private <T extends AutoCloseable> T owned(T thing) {
        own.push(thing);
        return thing;
    }
}

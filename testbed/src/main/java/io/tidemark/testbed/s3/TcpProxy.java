package io.tidemark.testbed.s3;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Stands between a client and a server, on a port of its own. */
abstract class TcpProxy implements AutoCloseable {
    private final URI server;
    private final ServerSocket listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    TcpProxy(URI server) throws IOException {
        this.server = server;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Begins to take connections; the last thing that a constructor does. */
    final void start() {
        threads.execute(this::accept);
    }

    public final URI endpoint() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    /** Passes on what a client sends, on a thread of its own; closes its connection. */
    abstract void serve(Socket client);

    final Socket connect() throws IOException {
        return new Socket(server.getHost(), server.getPort());
    }

    final void run(Runnable task) {
        threads.execute(task);
    }

    /** Holds a connection up for a moment, or until the end. */
    final void delay() throws InterruptedException {
        closed.await(200, TimeUnit.MILLISECONDS);
    }

    @Override
    public final void close() throws IOException {
        closed.countDown();
        listener.close();
        threads.shutdownNow();
    }
}

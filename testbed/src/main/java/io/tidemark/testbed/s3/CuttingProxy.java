package io.tidemark.testbed.s3;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;

/** Closes each connection after so many bytes of what the server answered. */
public final class CuttingProxy extends TcpProxy {
    private volatile int limit;
    private volatile boolean cut;

    public CuttingProxy(URI server) throws IOException {
        super(server);
        start();
    }

    /** From the next connection on, this is how much of its answers arrives. */
    public void cutAfter(int bytes) {
        limit = bytes;
        cut = false;
    }

    /** Whether a connection was cut since. */
    public boolean hasCut() {
        return cut;
    }

    @Override
    void serve(Socket client) {
        try (client;
                Socket upstream = connect()) {
            run(() -> forward(client, upstream));
            byte[] buffer = new byte[16 * 1024];
            int left = limit;
            while (left > 0) {
                int count = upstream.getInputStream().read(buffer, 0, Math.min(left, buffer.length));
                if (count < 0) {
                    return;
                }
                left -= count;
                cut = left == 0;
                client.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One side hung up, which is what this is about.
        }
    }

    private static void forward(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // The other direction was cut.
        }
    }
}

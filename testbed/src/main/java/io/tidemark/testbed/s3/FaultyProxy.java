package io.tidemark.testbed.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Does to connections what networks and busy servers do: answers 503, cuts answers off in the middle, closes before an answer,
 * delays.
 */
public final class FaultyProxy extends TcpProxy {
    private static final byte[] SLOW_DOWN =
            ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: 61\r\n\r\n"
                            + "<Error><Code>SlowDown</Code><Message>slow</Message></Error>  ")
                    .getBytes(StandardCharsets.US_ASCII);

    private final Random random;
    private final AtomicInteger faults = new AtomicInteger();

    public FaultyProxy(URI server, long seed) throws IOException {
        super(server);
        random = new Random(seed);
        start();
    }

    /** How often it did something bad. */
    public int faults() {
        return faults.get();
    }

    private synchronized int draw(int bound) {
        return random.nextInt(bound);
    }

    @Override
    void serve(Socket client) {
        int fate = draw(6);
        int after = draw(200_000);
        try (client;
                Socket upstream = connect()) {
            if (fate == 0) {
                faults.incrementAndGet();
                client.getInputStream().read(new byte[8192]);
                client.getOutputStream().write(SLOW_DOWN);
                client.getOutputStream().flush();
                client.shutdownOutput();
                client.getInputStream().readAllBytes();
                return;
            }
            // Every connection ends badly sooner or later, in either direction.
            run(() -> pump(client, upstream, fate == 4 ? after + 1 : 400 * after + 1));
            if (fate == 1) {
                delay();
            }
            pump(upstream, client, fate == 2 || fate == 3 ? after + 1 : 10 * after + 1);
        } catch (IOException e) {
            // One side hung up, which is what this is about.
            faults.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Passes bytes on, at most so many. */
    private void pump(Socket from, Socket to, int limit) {
        byte[] buffer = new byte[16 * 1024];
        int left = limit;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, Math.min(count, left));
                out.flush();
                left -= Math.min(count, left);
                if (left == 0) {
                    faults.incrementAndGet();
                    from.close();
                    to.close();
                    return;
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // The other direction was cut.
        }
    }
}

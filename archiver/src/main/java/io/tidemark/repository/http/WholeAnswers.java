package io.tidemark.repository.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Connections whose answers are whole or fail. Netty marks what a connection that was cut left of an answer; the AWS SDK
 * does not look at the mark and takes a status with half of its headers, or the chunks that arrived, for the answer: an
 * object without its hash, a listing without its end. Here such an answer is an {@link IOException}, which the SDK tries
 * again.
 *
 * @see io.netty.handler.codec.DecoderResult
 */
public final class WholeAnswers {
    private WholeAnswers() {}

    /** A connection to be, for {@code SdkEventLoopGroup}'s channel factory. */
    public static Channel channel() {
        Channel channel = new NioSocketChannel();
        channel.pipeline().addLast(new Installer());
        return channel;
    }

    /** Puts the check behind the SDK's decoder, of which there is a second one when a proxy has opened a tunnel. */
    private static final class Installer extends ChannelOutboundHandlerAdapter {
        private @Nullable ChannelHandlerContext decoder;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            ChannelPipeline pipeline = context.pipeline();
            ChannelHandlerContext current = pipeline.context(HttpClientCodec.class);
            if (current != null && current != decoder) {
                pipeline.addAfter(current.name(), null, new Check());
                decoder = current;
            }
            super.write(context, message, promise);
        }
    }

    private static final class Check extends ChannelInboundHandlerAdapter {
        private boolean within;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpObject part) {
                within = part.decoderResult().isSuccess() && !(message instanceof LastHttpContent);
                if (part.decoderResult().isFailure()) {
                    ReferenceCountUtil.release(message);
                    context.fireExceptionCaught(cut(part.decoderResult().cause()));
                    return;
                }
            }
            context.fireChannelRead(message);
        }

        /** The end of an answer in chunks is a chunk of its own, for whose lack there is no mark. */
        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (within) {
                context.fireExceptionCaught(cut(new ClosedChannelException()));
            }
            context.fireChannelInactive();
        }

        private static IOException cut(Throwable cause) {
            return new IOException("the connection was cut within an answer", cause);
        }
    }
}
